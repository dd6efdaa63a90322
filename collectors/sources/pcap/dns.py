"""DNS questions joined with their answers (RFC 1035), several messages a frame included."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator

from collectors.sources.pcap.exchange import OPEN_EXCHANGES, Document, Opening, nth
from collectors.sources.pcap.fields import DNS_COUNTS, DNS_DATA, DNS_UPDATE_COUNTS
from collectors.sources.pcap.frame import Frame

_TYPES = {
    1: "A",
    2: "NS",
    5: "CNAME",
    6: "SOA",
    12: "PTR",
    15: "MX",
    16: "TXT",
    28: "AAAA",
    33: "SRV",
    35: "NAPTR",
    41: "OPT",
    43: "DS",
    46: "RRSIG",
    47: "NSEC",
    48: "DNSKEY",
    50: "NSEC3",
    52: "TLSA",
    64: "SVCB",
    65: "HTTPS",
    249: "TKEY",
    250: "TSIG",
    251: "IXFR",
    252: "AXFR",
    255: "ANY",
    257: "CAA",
}
_CLASSES = {1: "IN", 3: "CH", 4: "HS", 254: "NONE", 255: "ANY"}
_CODES = {
    0: "NOERROR",
    1: "FORMERR",
    2: "SERVFAIL",
    3: "NXDOMAIN",
    4: "NOTIMP",
    5: "REFUSED",
    6: "YXDOMAIN",
    7: "YXRRSET",
    8: "NXRRSET",
    9: "NOTAUTH",
    10: "NOTZONE",
}
_OPCODES = {0: "QUERY", 1: "IQUERY", 2: "STATUS", 4: "NOTIFY", 5: "UPDATE"}
_YES = frozenset({"1", "True"})
_MDNS_CACHE_FLUSH = 0x7FFF


class DnsExchanges:
    """The DNS messages of one conversation."""

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._asked: OrderedDict[str, Document] = OrderedDict()

    def observe(self, frame: Frame) -> Iterator[Document]:
        """Join each message of the frame with its question; gives those answered."""
        for message in _messages(frame):
            document = {**self._opening.document("dns", frame.time_us), **message}
            if "mdns" in frame.layers:  # asked of all and answered by any, without identifiers (RFC 6762 §18.1)
                yield document
            elif "response_code" in message:
                asked = self._asked.pop(str(message["id"]), document)
                yield {**asked, **message, "query": message["query"] or asked["query"]}
            else:
                yield from self._ask(document)

    def _ask(self, question: Document) -> Iterator[Document]:
        """Wait for the answer; gives the question whose place this one takes. Asked again, the first time counts."""
        identifier = str(question["id"])
        earlier = self._asked.get(identifier)
        if earlier is not None and earlier["query"] == question["query"]:
            return
        if earlier is not None:
            yield self._asked.pop(identifier)
        self._asked[identifier] = question
        if len(self._asked) > OPEN_EXCHANGES:
            yield self._asked.popitem(last=False)[1]

    def finish(self) -> Iterator[Document]:
        """The questions without answer."""
        yield from self._asked.values()
        self._asked.clear()


def _messages(frame: Frame) -> Iterator[Document]:
    """The messages of a frame: the dissector's flat lists, cut by each message's own counts."""
    identifiers = frame.all("dns.id")
    count = len(identifiers)
    sections = DNS_COUNTS if frame.first("dns.count.queries") else DNS_UPDATE_COUNTS
    counts = [[int(value) for value in frame.all(name)] for name in sections]
    questions = _Cut(frame, ("dns.qry.name", "dns.qry.type", "dns.qry.class"))
    records = _Cut(frame, ("dns.resp.name", "dns.resp.type", "dns.resp.ttl"))
    data = {name: deque(frame.all(name)) for name in DNS_DATA.values()}
    for place, identifier in enumerate(identifiers):
        asked, *answered = (values[place] if place < len(values) else 0 for values in counts)
        response = nth(frame.all("dns.flags.response"), place, count) in _YES
        code = nth(frame.all("dns.flags.rcode"), place, count) if response else None
        message: Document = {
            "id": int(identifier, 16),
            "opcode": _named(_OPCODES, nth(frame.all("dns.flags.opcode"), place, count)),
            "query": next((_question(*row) for row in questions.take(asked)), {}),
        }
        if response:
            message["response_code"] = _named(_CODES, code)
            message["answers"] = [_answer(row, data) for row in records.take(sum(answered))][: answered[0]]
        yield message


class _Cut:
    """Parallel lists of a frame's fields, taken from a few rows at a time."""

    def __init__(self, frame: Frame, names: tuple[str, ...]) -> None:
        self._rows = zip(*(frame.all(name) for name in names), strict=False)

    def take(self, count: int) -> list[tuple[str, ...]]:
        return [row for _, row in zip(range(count), self._rows, strict=False)]


def _question(name: str, kind: str, class_: str) -> Document:
    number = int(class_, 0) & _MDNS_CACHE_FLUSH
    return {"name": name, "type": _type(kind), "class": _CLASSES.get(number, f"CLASS{number}")}


def _answer(row: tuple[str, ...], data: dict[str, deque[str]]) -> Document:
    name, kind, ttl = row
    type_name = _type(kind)
    values = data.get(DNS_DATA.get(type_name, ""))
    return {"name": name, "type": type_name, "ttl": int(ttl), "data": values.popleft() if values else ""}


def _type(number: str) -> str:
    """The name of a record type, ``TYPE<n>`` where it has none here (RFC 3597 §5)."""
    return _TYPES.get(int(number, 0), f"TYPE{int(number, 0)}")


def _named(names: dict[int, str], number: str | None) -> str | None:
    return None if number is None else names.get(int(number, 0), number)
