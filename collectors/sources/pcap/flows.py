"""Frames put together into two-way conversations, within bounded memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

from collectors.sources.pcap.community_id import community_id
from collectors.sources.pcap.dns import DnsExchanges
from collectors.sources.pcap.exchange import ICMP_PROTOCOLS, Document, Exchanges, Opening
from collectors.sources.pcap.fragments import Fragments
from collectors.sources.pcap.frame import Endpoint, Frame
from collectors.sources.pcap.http import HttpExchanges
from collectors.sources.pcap.tls import TlsHandshakes
from events import format_timestamp

_SYN, _ACK = 0x02, 0x10
_FLAGS = ("FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR")
_DNS_LAYERS = frozenset({"dns", "mdns", "llmnr"})
_Key = tuple[Endpoint, Endpoint, int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class FlowLimits:
    """How long and how many conversations are kept open.

    Attributes:
        idle_seconds: a conversation that is silent for longer has ended; a later frame begins another.
        conversations: the one silent the longest is ended when there would be more than so many.
    """

    idle_seconds: int = 300
    conversations: int = 50_000


@dataclass(slots=True)
class Direction:
    """What one end sent."""

    packets: int = 0
    bytes: int = 0
    flags: int = 0


@dataclass(slots=True)
class Conversation:
    """A two-way conversation; its source is who opened it, or who was heard first."""

    opening: Opening
    first_frame: int
    last_frame: int
    last_us: int
    vlan: tuple[str, ...]
    sent: Direction = field(default_factory=Direction)
    received: Direction = field(default_factory=Direction)
    protocols: dict[str, None] = field(default_factory=dict)
    exchanges: dict[str, Exchanges] = field(default_factory=dict)

    def observe(self, frame: Frame) -> Iterator[Document]:
        """Count a frame; gives the exchanges that it completes."""
        opener = self.opening.source
        from_source = frame.source.ip == opener.ip if frame.protocol in ICMP_PROTOCOLS else frame.source == opener
        direction = self.sent if from_source else self.received
        direction.packets += 1
        direction.bytes += frame.length
        direction.flags |= frame.tcp_flags
        self.first_frame, self.last_frame = min(self.first_frame, frame.number), max(self.last_frame, frame.number)
        self.last_us = max(self.last_us, frame.time_us)
        for layer in frame.layers:
            self.protocols[layer] = None
        kinds = [kind for kind in map(_exchange_kind, dict.fromkeys(frame.layers)) if kind]
        for kind in dict.fromkeys(kinds):
            if kind not in self.exchanges:
                self.exchanges[kind] = _EXCHANGES[kind](self.opening)
            yield from self.exchanges[kind].observe(frame)

    def finish(self) -> Iterator[Document]:
        """The exchanges left open, and the conversation itself."""
        for exchanges in self.exchanges.values():
            yield from exchanges.finish()
        yield {
            **self.opening.document("flow", self.opening.time_us),
            "end": format_timestamp(self.last_us // 1000),
            "duration_us": self.last_us - self.opening.time_us,
            "sent": _counts(self.sent),
            "received": _counts(self.received),
            "protocols": list(self.protocols),
            "vlan": list(self.vlan),
            "first_frame": self.first_frame,
            "last_frame": self.last_frame,
        }


class FlowTable:
    """All open conversations of a capture."""

    def __init__(self, limits: FlowLimits) -> None:
        self._limits = limits
        self._fragments = Fragments()
        self._open: OrderedDict[_Key, Conversation] = OrderedDict()

    def observe(self, frame: Frame) -> Iterator[Document]:
        """Add a frame; gives what it completes: exchanges, and conversations that have ended meanwhile."""
        yield from self.end_idle(frame.time_us)
        for whole in self._fragments.join(frame):
            yield from self._assign(whole)

    def _assign(self, frame: Frame) -> Iterator[Document]:
        key = _key(frame)
        conversation = self._open.get(key)
        if conversation is None:
            conversation = self._open[key] = _opened_by(frame)
        else:
            self._open.move_to_end(key)
        yield from conversation.observe(frame)
        if len(self._open) > self._limits.conversations:
            yield from self._open.popitem(last=False)[1].finish()

    def finish(self) -> Iterator[Document]:
        """Everything still open, in the order of the last frames."""
        for frame in self._fragments.finish():
            yield from self._assign(frame)
        while self._open:
            yield from self._open.popitem(last=False)[1].finish()

    def end_idle(self, now_us: int) -> Iterator[Document]:
        """The conversations that have been silent for too long at a moment (µs since 1970)."""
        before = now_us - self._limits.idle_seconds * 1_000_000
        while self._open:
            key, conversation = next(iter(self._open.items()))
            if conversation.last_us >= before:
                return
            del self._open[key]
            yield from conversation.finish()


def _key(frame: Frame) -> _Key:
    if frame.protocol in ICMP_PROTOCOLS:
        ends = sorted((frame.source.ip, frame.destination.ip))
        return Endpoint(ends[0], 0), Endpoint(ends[1], 0), frame.protocol, frame.vlan
    low, high = sorted((frame.source, frame.destination))
    return low, high, frame.protocol, frame.vlan


def _opened_by(frame: Frame) -> Conversation:
    source, destination = frame.source, frame.destination
    if frame.tcp_flags & (_SYN | _ACK) == _SYN | _ACK:  # the answer to an opening that was not captured
        source, destination = destination, source
    identifier = community_id(source, destination, frame.protocol)
    opening = Opening(source, destination, frame.protocol, frame.time_us, identifier)
    return Conversation(opening, frame.number, frame.number, frame.time_us, frame.vlan)


def _counts(direction: Direction) -> Document:
    flags = [name for bit, name in enumerate(_FLAGS) if direction.flags >> bit & 1]
    return {"packets": direction.packets, "bytes": direction.bytes, "tcp_flags": flags}


def _exchange_kind(layer: str) -> str | None:
    return "dns" if layer in _DNS_LAYERS else layer if layer in _EXCHANGES else None


_EXCHANGES: dict[str, type[DnsExchanges | HttpExchanges | TlsHandshakes]] = {
    "dns": DnsExchanges,
    "http": HttpExchanges,
    "tls": TlsHandshakes,
}
