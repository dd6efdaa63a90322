"""What a capture file gives: flows, DNS, HTTP and TLS documents, whole or cut."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Generator
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import pytest

from collectors.record import DeadLetter, Reason, Record
from collectors.sources.pcap import TsharkMissingError, read_capture, tshark_version
from collectors.sources.pcap.tshark import known_fields

Builder: TypeAlias = Any  # the class of conftest's fixture
Document: TypeAlias = dict[str, Any]
Result: TypeAlias = tuple[list[Document], list[DeadLetter]]
Reader: TypeAlias = Callable[..., Result]
Maker: TypeAlias = Callable[..., bytes]

CLIENT, SERVER, RESOLVER = ("10.0.0.7", 50000), ("203.0.113.5", 80), ("10.0.0.1", 53)
_REQUEST = b"GET /a?b=c HTTP/1.1\r\nHost: data.example:8080\r\nUser-Agent: probe/1\r\n\r\n"
_RESPONSE = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nno"


def _of(documents: list[Document], kind: str) -> list[Document]:
    return [document for document in documents if document["kind"] == kind]


def _exchange(capture: Builder) -> None:
    capture.open(CLIENT, SERVER)
    capture.tcp(CLIENT, SERVER, 0x18, _REQUEST)
    capture.tcp(SERVER, CLIENT, 0x18, _RESPONSE)
    capture.tcp(CLIENT, SERVER, 0x11)


def test_a_conversation_is_one_flow_with_both_directions_counted(capture: Builder, read: Reader) -> None:
    _exchange(capture)
    (flow,), letters = _flow(read(capture))
    assert letters == []
    assert (flow["source"], flow["destination"]) == (
        {"ip": "10.0.0.7", "port": 50000},
        {"ip": "203.0.113.5", "port": 80},
    )
    assert (flow["time"], flow["end"], flow["duration_us"]) == (
        "2026-01-31T08:15:30.000Z",
        "2026-01-31T08:15:30.005Z",
        5000,
    )
    assert (flow["sent"]["packets"], flow["sent"]["bytes"]) == (4, 4 * 54 + len(_REQUEST))
    assert (flow["received"]["packets"], flow["received"]["bytes"]) == (2, 2 * 54 + len(_RESPONSE))
    assert (flow["sent"]["tcp_flags"], flow["received"]["tcp_flags"]) == (
        ["FIN", "SYN", "PSH", "ACK"],
        ["SYN", "PSH", "ACK"],
    )
    assert flow["protocols"][0] == "http"


def _flow(result: Result) -> Result:
    documents, letters = result
    return _of(documents, "flow"), letters


def test_a_request_is_joined_with_its_response(capture: Builder, read: Reader) -> None:
    _exchange(capture)
    documents, _ = read(capture)
    (exchange,) = _of(documents, "http")
    assert exchange["time"] == "2026-01-31T08:15:30.003Z"
    assert exchange["request"] == {
        "method": "GET",
        "uri": "/a?b=c",
        "full_uri": "http://data.example:8080/a?b=c",
        "version": "HTTP/1.1",
        "host": "data.example:8080",
        "user_agent": "probe/1",
    }
    assert exchange["response"] == {
        "status": 404,
        "version": "HTTP/1.1",
        "content_type": "text/plain",
        "content_length": 2,
    }


def test_pipelined_requests_meet_their_own_responses(capture: Builder, read: Reader) -> None:
    capture.open(CLIENT, SERVER)
    second = _REQUEST.replace(b"/a?b=c", b"/second")
    capture.tcp(CLIENT, SERVER, 0x18, _REQUEST + second)
    capture.tcp(SERVER, CLIENT, 0x18, _RESPONSE)
    capture.tcp(SERVER, CLIENT, 0x18, _RESPONSE.replace(b"404 Not Found", b"200 OK"))
    documents, _ = read(capture)
    joined = [(each["request"]["uri"], each["response"]["status"]) for each in _of(documents, "http")]
    assert joined == [("/a?b=c", 404), ("/second", 200)]


def test_a_dns_answer_joins_its_question_and_a_missing_one_is_told(capture: Builder, read: Reader, dns: Maker) -> None:
    capture.udp(CLIENT, RESOLVER, dns(1, "a.example"))
    capture.udp(CLIENT, RESOLVER, dns(2, "b.example"))
    capture.udp(CLIENT, RESOLVER, dns(1, "a.example"))
    capture.udp(RESOLVER, CLIENT, dns(1, "a.example", "192.0.2.1", "192.0.2.2", is_response=True))
    capture.udp(RESOLVER, CLIENT, dns(3, "c.example", is_response=True, code=3))
    documents, _ = read(capture)
    answered, stray, unanswered = _of(documents, "dns")
    assert answered["query"] == {"name": "a.example", "type": "A", "class": "IN"}
    assert answered["time"] == "2026-01-31T08:15:30.000Z"
    assert [answer["data"] for answer in answered["answers"]] == ["192.0.2.1", "192.0.2.2"]
    assert (stray["query"]["name"], stray["response_code"]) == ("c.example", "NXDOMAIN")
    assert (unanswered["query"]["name"], unanswered.get("response_code")) == ("b.example", None)
    assert stray["source"]["ip"] == "10.0.0.7"


def test_a_capture_that_starts_with_the_answer_still_knows_who_opened(capture: Builder, read: Reader) -> None:
    capture.tcp(SERVER, CLIENT, 0x12)
    capture.tcp(CLIENT, SERVER, 0x10)
    (flow,), _ = _flow(read(capture))
    assert (flow["source"]["port"], flow["sent"]["packets"], flow["received"]["packets"]) == (50000, 1, 1)


def test_fragments_count_for_the_conversation_that_only_the_last_one_reveals(capture: Builder, read: Reader) -> None:
    datagram = (50000).to_bytes(2) + (9).to_bytes(2) + (8 + 40).to_bytes(2) + bytes(2) + bytes(40)
    capture.ip((CLIENT[0], SERVER[0]), 17, datagram[:24], more=True)
    capture.ip((CLIENT[0], SERVER[0]), 17, datagram[24:], offset=24)
    (flow,), _ = _flow(read(capture))
    assert (flow["source"]["port"], flow["destination"]["port"], flow["sent"]["packets"]) == (50000, 9, 2)


def test_silence_ends_a_conversation(capture: Builder, read: Reader) -> None:
    capture.udp(CLIENT, RESOLVER, b"x")
    capture.wait(61)
    capture.udp(CLIENT, RESOLVER, b"x")
    documents, _ = read(capture, idle_seconds=60)
    assert [flow["first_frame"] for flow in _of(documents, "flow")] == [1, 2]


def test_the_number_of_open_conversations_is_bounded(capture: Builder, read: Reader) -> None:
    for port in range(1000, 1020):
        capture.udp((CLIENT[0], port), RESOLVER, b"x")
    documents, _ = read(capture, conversations=5)
    assert sorted(flow["source"]["port"] for flow in _of(documents, "flow")) == list(range(1000, 1020))
    assert [flow["source"]["port"] for flow in _of(documents, "flow")][:15] == list(range(1000, 1015))


def test_a_cut_capture_gives_what_comes_before_the_cut(capture: Builder, read: Reader) -> None:
    _exchange(capture)
    whole, _ = read(capture)
    documents, (letter,) = read(capture.bytes()[:-10])
    assert _of(documents, "http") == _of(whole, "http")
    assert _of(documents, "flow")[0]["sent"]["packets"] == 3
    assert (letter.reason, "after frame 5" in letter.detail) == (Reason.TRUNCATED, True)


@pytest.mark.parametrize("content", [b"", b"\xd4\xc3", b"not a capture at all, just words", b"\x1f\x8b\x08 broken"])
def test_what_is_no_capture_is_a_dead_letter(content: bytes, read: Reader) -> None:
    documents, (letter,) = read(content)
    assert (documents, letter.reason) == ([], Reason.UNDECODABLE)


def test_a_header_alone_is_an_empty_capture(capture: Builder, read: Reader) -> None:
    assert read(capture) == ([], [])


def test_a_packed_capture_gives_the_same_records(capture: Builder, tmp_path: Path) -> None:
    _exchange(capture)
    plain, packed = tmp_path / "a.pcap", tmp_path / "a.pcap.gz"
    plain.write_bytes(capture.bytes())
    packed.write_bytes(gzip.compress(capture.bytes()))
    assert list(read_capture(packed)) == list(read_capture(plain))


def test_reading_given_up_leaves_no_process(capture: Builder, tmp_path: Path) -> None:
    for port in range(1000, 4000):
        capture.udp((CLIENT[0], port), RESOLVER, b"x")
    path = tmp_path / "a.pcap"
    path.write_bytes(capture.bytes())
    before = _children()
    items = read_capture(path)
    items_seen = next(items)
    assert isinstance(items, Generator)
    items.close()
    assert isinstance(items_seen, Record)
    assert _children() == before


def _children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split())


def test_tshark_is_found() -> None:
    version = tshark_version()
    assert version is not None
    assert version[0].isdigit()


def test_without_tshark_the_error_says_how_to_get_it(
    tmp_path: Path, capture: Builder, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    path = tmp_path / "a.pcap"
    path.write_bytes(capture.bytes())
    request.addfinalizer(known_fields.cache_clear)
    known_fields.cache_clear()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert tshark_version() is None
    with pytest.raises(TsharkMissingError, match="apt-get install tshark"):
        list(read_capture(path))


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_capture_gives_records_and_dead_letters_and_nothing_else(
    seed: int, capture: Builder, read: Reader, dns: Maker
) -> None:
    _exchange(capture)
    capture.udp(CLIENT, RESOLVER, dns(1, "a.example"))
    capture.udp(RESOLVER, CLIENT, dns(1, "a.example", "192.0.2.1", is_response=True))
    content, chance = bytearray(capture.bytes()), Random(seed)
    for _ in range(chance.choice((1, 10, 60))):
        content[chance.randrange(24, len(content))] = chance.randrange(256)
    documents, letters = read(bytes(content))
    assert documents or letters
    assert {letter.reason for letter in letters} <= {Reason.TRUNCATED, Reason.INVALID}
    assert {document["kind"] for document in documents} <= {"flow", "dns", "http", "tls"}
