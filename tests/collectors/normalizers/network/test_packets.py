"""The documents of packet captures as events."""

from __future__ import annotations

from typing import Any

import orjson

from collectors.normalizers.catalog import SPECIFIC
from collectors.normalizers.chain import normalize
from collectors.normalizers.contract import SourceContext
from collectors.record import Record, RecordBatch
from events import Event

_BASE: dict[str, Any] = {
    "time": "2026-01-31T08:15:30.000Z",
    "source": {"ip": "10.0.0.7", "port": 50000},
    "destination": {"ip": "203.0.113.5", "port": 443},
    "protocol": 6,
    "community_id": "1:x",
}


def _record(**fields: object) -> Record:
    document = _BASE | fields
    return Record(0, orjson.dumps(document), document=document, decoder="pcap")


def _event(**fields: object) -> Event:
    result = normalize(RecordBatch("s", "i", [_record(**fields)], []), SourceContext("s", "i"))
    assert result.dead_letters == []
    return result.events[0]


def test_a_flow() -> None:
    sent, received = {"packets": 3, "bytes": 300, "tcp_flags": ["SYN"]}, {"packets": 2, "bytes": 200, "tcp_flags": []}
    event = _event(
        kind="flow", end="2026-01-31T08:15:31.500Z", duration_us=1_500_000, sent=sent, received=received,
        protocols=["tls"], vlan=["7"],
    )  # fmt: skip
    assert (
        event.items()
        >= {
            "@timestamp": "2026-01-31T08:15:30.000Z",
            "event.dataset": "network.flow",
            "event.end": "2026-01-31T08:15:31.500Z",
            "event.duration": 1_500_000_000,
            "source.ip": "10.0.0.7",
            "source.port": 50000,
            "destination.port": 443,
            "network.transport": "tcp",
            "network.protocol": "tls",
            "network.bytes": 500,
            "source.packets": 3,
            "destination.bytes": 200,
            "network.community_id": "1:x",
            "packets.sent.bytes": 300,
        }.items()
    )
    assert event["event.type"] == ["connection"]
    assert event["network.vlan.id"] == ["7"]


def test_a_flow_of_a_protocol_without_ports() -> None:
    ends = {"source": {"ip": "2001:db8::1"}, "destination": {"ip": "2001:db8::2"}}
    counts = {"packets": 1, "bytes": 1}
    event = _event(kind="flow", protocol=58, icmp={"type": 128, "code": 0}, sent=counts, received=counts, **ends)
    assert (event["network.transport"], event["network.type"]) == ("ipv6-icmp", "ipv6")
    assert "source.port" not in event
    assert event["packets.icmp.type"] == 128


def test_a_dns_exchange() -> None:
    answers = [{"name": "a.example", "type": "CNAME", "data": "b.example"}, {"type": "A", "data": "192.0.2.9"}]
    query = {"name": "a.example", "type": "A", "class": "IN"}
    event = _event(kind="dns", id=7, opcode="QUERY", query=query, response_code="NOERROR", answers=answers)
    assert event["dns.question.name"] == "a.example"
    assert event["dns.answers.data"] == ["b.example", "192.0.2.9"]
    assert event["dns.answers.type"] == ["CNAME", "A"]
    assert event["dns.resolved_ip"] == ["192.0.2.9"]
    assert (event["dns.response_code"], event["event.outcome"]) == ("NOERROR", "success")


def test_a_dns_question_that_nobody_answered() -> None:
    event = _event(kind="dns", id=7, query={"name": "a.example", "type": "TXT", "class": "IN"})
    assert (event["dns.type"], event["event.outcome"]) == ("query", "unknown")
    assert "dns.answers.data" not in event


def test_an_http_exchange() -> None:
    request = {"method": "GET", "uri": "/a.php?b=c", "host": "data.example:8080", "version": "HTTP/1.1"}
    event = _event(kind="http", request=request, response={"status": 404, "content_length": 9})
    assert (event["http.request.method"], event["url.path"], event["url.query"]) == ("GET", "/a.php", "b=c")
    assert (event["url.domain"], event["url.port"], event["http.version"]) == ("data.example", 8080, "1.1")
    assert (event["http.response.status_code"], event["event.outcome"]) == (404, "failure")
    assert event["http.response.body.bytes"] == 9


def test_a_tls_handshake() -> None:
    event = _event(
        kind="tls", established=True, client={"server_name": "a.example", "ja3": "0123", "alpn": ["h2"]},
        server={"version": "1.3", "cipher": "TLS_AES_128_GCM_SHA256"}, certificate={"subject": "CN=a", "sha1": "ab"},
    )  # fmt: skip
    assert (event["tls.client.server_name"], event["tls.client.ja3"]) == ("a.example", "0123")
    assert (event["tls.version"], event["tls.established"]) == ("1.3", True)
    assert (event["tls.server.subject"], event["tls.server.hash.sha1"]) == ("CN=a", "ab")


def test_no_other_normalizer_recognizes_a_capture() -> None:
    record = _record(kind="http", request={"method": "GET", "uri": "/"}, response={"status": 200})
    assert [each.name for each in SPECIFIC if each.recognizes(record)] == ["packets"]
