"""Documents of packet captures: flows, DNS, HTTP and TLS exchanges; their own fields stay under ``packets.``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from collectors.normalizers.contract import NormalizeError, SourceContext
from collectors.normalizers.document import child, document_of, namespaced, number, present, text, texts
from collectors.normalizers.moments import timestamp_of
from collectors.normalizers.network_fields import TRANSPORTS, endpoint, ip_text, network_type
from collectors.normalizers.web_fields import request_target, response_status
from collectors.record import Reason, Record
from events import Event, values_of

_Document = Mapping[str, object]


class PacketsNormalizer:
    """One conversation or exchange a document."""

    name = "packets"

    def recognizes(self, record: Record) -> bool:
        """Whether the record comes from a packet capture."""
        return record.decoder == "pcap" and record.document is not None

    def normalize(self, record: Record, context: SourceContext) -> Event:
        """The event of a capture's document.

        Raises:
            NormalizeError: the document is of no known kind, or has no time.
        """
        document: _Document = document_of(record) or {}
        kind = text(document, "kind") or ""
        if kind not in _KINDS:
            raise NormalizeError(Reason.INVALID, "packet capture: a document of an unknown kind")
        event: Event = {
            "@timestamp": timestamp_of(document.get("time"), context.zone, "time"),
            "event.kind": "event",
            "event.category": ["network"],
            "event.type": ["connection" if kind == "flow" else "protocol"],
            "event.dataset": f"network.{kind}",
            "event.module": "network",
        }
        return event | _connection(document) | _KINDS[kind](document) | namespaced(document, "packets.")


def _connection(document: _Document) -> Event:
    source, destination = child(document, "source"), child(document, "destination")
    protocol = number(document, "protocol") or 0
    has_ports = TRANSPORTS.get(protocol) in ("tcp", "udp", "sctp")
    event = endpoint("source", text(source, "ip"), source.get("port") if has_ports else None)
    event |= endpoint("destination", text(destination, "ip"), destination.get("port") if has_ports else None)
    address = event.get("source.ip")
    return event | present(
        network__transport=TRANSPORTS.get(protocol, str(protocol)),
        network__type=network_type(address if isinstance(address, str) else None),
        network__community_id=text(document, "community_id"),
    )


def _flow(document: _Document) -> Event:
    sent, received = child(document, "sent"), child(document, "received")
    protocols = [name for name in texts(document, "protocols") if name != "data"]
    microseconds = number(document, "duration_us")
    return present(
        event__start=text(document, "time"),
        event__end=text(document, "end"),
        event__duration=None if microseconds is None else microseconds * 1000,
        network__protocol=protocols[0] if protocols else None,
        network__bytes=(number(sent, "bytes") or 0) + (number(received, "bytes") or 0),
        network__packets=(number(sent, "packets") or 0) + (number(received, "packets") or 0),
        network__vlan__id=[*texts(document, "vlan")],
        source__bytes=number(sent, "bytes"),
        source__packets=number(sent, "packets"),
        destination__bytes=number(received, "bytes"),
        destination__packets=number(received, "packets"),
    )


def _dns(document: _Document) -> Event:
    query = child(document, "query")
    code = text(document, "response_code")
    answers = namespaced({"answers": document.get("answers")}, "dns.")
    data = [value for value in values_of(answers.get("dns.answers.data")) if isinstance(value, str)]
    outcome = "unknown" if code is None else "success" if code == "NOERROR" else "failure"
    return present(
        network__protocol="dns",
        event__outcome=outcome,
        dns__type="query" if code is None else "answer",
        dns__id=text(document, "id"),
        dns__op_code=text(document, "opcode"),
        dns__question__name=text(query, "name"),
        dns__question__type=text(query, "type"),
        dns__question__class=text(query, "class"),
        dns__response_code=code,
        dns__answers__data=[value for value in data if value],
        dns__answers__type=[*values_of(answers.get("dns.answers.type", []))],
        dns__resolved_ip=[ip for value in data if (ip := ip_text(value))],
    )


def _http(document: _Document) -> Event:
    request, response = child(document, "request"), child(document, "response")
    event: Event = {"event.category": ["network", "web"], "network.protocol": "http"}
    uri = text(request, "uri")
    if uri is not None:
        event |= request_target(uri, text(request, "host"))
    event |= response_status(response.get("status"))
    return event | present(
        url__full=text(request, "full_uri"),
        http__version=(text(request, "version") or text(response, "version") or "").removeprefix("HTTP/"),
        http__request__method=text(request, "method"),
        http__request__referrer=text(request, "referrer"),
        http__request__mime_type=text(request, "content_type"),
        http__request__body__bytes=number(request, "content_length"),
        http__response__mime_type=text(response, "content_type"),
        http__response__body__bytes=number(response, "content_length"),
        user_agent__original=text(request, "user_agent"),
        network__forwarded_ip=[ip for part in texts(request, "forwarded_for") if (ip := ip_text(part))],
    )


def _tls(document: _Document) -> Event:
    client, server = child(document, "client"), child(document, "server")
    certificate = child(document, "certificate")
    return present(
        network__protocol="tls",
        tls__established=document.get("established") is True,
        tls__version=text(server, "version"),
        tls__cipher=text(server, "cipher"),
        tls__next_protocol=text(server, "alpn"),
        tls__client__server_name=text(client, "server_name"),
        tls__client__ja3=text(client, "ja3"),
        tls__client__ja4=text(client, "ja4"),
        tls__server__ja3s=text(server, "ja3s"),
        tls__server__subject=text(certificate, "subject"),
        tls__server__issuer=text(certificate, "issuer"),
        tls__server__hash__sha1=text(certificate, "sha1"),
        tls__server__hash__sha256=text(certificate, "sha256"),
    )


_KINDS: Mapping[str, Callable[[_Document], Event]] = {"flow": _flow, "dns": _dns, "http": _http, "tls": _tls}
