"""The protocols of EVE records in ECS."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from collectors.normalizers.contract import NormalizeError
from collectors.normalizers.document import child, number, present, text
from collectors.normalizers.moments import timestamp_of
from collectors.normalizers.network_fields import ip_text
from collectors.normalizers.web_fields import request_target, response_status
from events import Event

_Document = Mapping[str, object]


def _dns(dns: _Document) -> Event:
    question = _first(dns, "queries") or _first(dns, "query") or dns
    answers = [answer for answer in _items(dns, "answers") if text(answer, "rdata")]
    data = [text(answer, "rdata") for answer in answers] or [text(dns, "rdata")]
    resolved = [ip for value in data if value and (ip := ip_text(value))]
    return present(
        network__protocol="dns",
        dns__id=text(dns, "id", "tx_id"),
        dns__type="answer" if text(dns, "type") in ("answer", "response") else "query",
        dns__question__name=text(question, "rrname"),
        dns__question__type=text(question, "rrtype"),
        dns__response_code=text(dns, "rcode"),
        dns__answers__data=[value for value in data if value],
        dns__answers__type=[text(answer, "rrtype") for answer in answers],
        dns__resolved_ip=[*resolved],
    )


def _http(http: _Document) -> Event:
    event = request_target(text(http, "url") or "/", text(http, "hostname"))
    return (
        event
        | (response_status(http.get("status")) if "status" in http else {})
        | present(
            network__protocol="http",
            http__request__method=text(http, "http_method"),
            http__request__referrer=text(http, "http_refer"),
            http__version=(text(http, "protocol") or "").removeprefix("HTTP/"),
            http__response__body__bytes=number(http, "length"),
            http__response__mime_type=text(http, "http_content_type"),
            user_agent__original=text(http, "http_user_agent"),
        )
    )


def _tls(tls: _Document) -> Event:
    return present(
        network__protocol="tls",
        tls__version=(text(tls, "version") or "").removeprefix("TLS "),
        tls__client__server_name=text(tls, "sni"),
        tls__client__ja3=text(child(tls, "ja3"), "hash"),
        tls__client__ja4=text(tls, "ja4"),
        tls__server__ja3s=text(child(tls, "ja3s"), "hash"),
        tls__server__subject=text(tls, "subject"),
        tls__server__issuer=text(tls, "issuerdn"),
        tls__server__hash__sha1=(text(tls, "fingerprint") or "").replace(":", ""),
    )


def _flow(flow: _Document) -> Event:
    sent, received = number(flow, "bytes_toserver"), number(flow, "bytes_toclient")
    packets_sent, packets_received = number(flow, "pkts_toserver"), number(flow, "pkts_toclient")
    return present(
        event__start=_moment(text(flow, "start")),
        event__end=_moment(text(flow, "end")),
        event__reason=text(flow, "reason"),
        source__bytes=sent,
        destination__bytes=received,
        network__bytes=None if sent is None or received is None else sent + received,
        source__packets=packets_sent,
        destination__packets=packets_received,
    )


def _moment(stamp: str | None) -> str | None:
    try:
        return timestamp_of(stamp, None, "flow") if stamp else None
    except NormalizeError:
        return None


def _fileinfo(fileinfo: _Document) -> Event:
    return present(
        file__path=text(fileinfo, "filename"),
        file__size=number(fileinfo, "size"),
        file__hash__md5=text(fileinfo, "md5"),
        file__hash__sha1=text(fileinfo, "sha1"),
        file__hash__sha256=text(fileinfo, "sha256"),
    )


def _ssh(ssh: _Document) -> Event:
    return present(network__protocol="ssh", user_agent__original=text(child(ssh, "client"), "software_version"))


def _anomaly(anomaly: _Document) -> Event:
    return present(rule__name=text(anomaly, "event"), rule__category=text(anomaly, "type"))


def _items(document: _Document, name: str) -> list[_Document]:
    value = document.get(name)
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _first(document: _Document, name: str) -> _Document | None:
    return next(iter(_items(document, name)), None)


PROTOCOLS: Mapping[str, Callable[[_Document], Event]] = {
    "dns": _dns,
    "http": _http,
    "tls": _tls,
    "flow": _flow,
    "netflow": _flow,
    "fileinfo": _fileinfo,
    "ssh": _ssh,
    "anomaly": _anomaly,
}
"""What each part of an EVE record says in ECS, by the part's name."""
