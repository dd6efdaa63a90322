from __future__ import annotations

from collections.abc import Callable

import pytest

from collectors.decoders import DecodedStream
from collectors.record import DeadLetter, Reason, Record

Decode = Callable[..., tuple[list[Record], list[DeadLetter]]]
Open = Callable[..., DecodedStream]


SYSLOG = b"<34>1 2026-06-14T15:16:01Z host app - - - text, with, commas\n"
CEF = b"CEF:0|Vendor|Product|1.0|100|worm stopped|10|src=10.0.0.1\n" * 3


@pytest.mark.parametrize(
    ("data", "decoder"),
    [
        (b"", "lines"),
        (b'{"a":1}\n{"a":2}\n', "ndjson"),
        (b'{"a":1}', "ndjson"),
        (b'\xef\xbb\xbf\n\n {"a":1}\n', "ndjson"),
        (b'# comment\n{"a":1}\n{"a":2}\n', "ndjson"),
        (b'{"broken": \n{"a":1}\n', "ndjson"),
        (b'{\n "a": 1\n}\n', "json"),
        (b'{"a":1}{"a":2}', "json"),
        (b'[{"a":1}]', "json"),
        (b'  [\n\n  {"a":1}]', "json"),
        (b'{"Records":[{"a":1}]}\n', "json"),
        (b"[2026-01-01] INFO start\n", "lines"),
        (b"[INFO] {1}\n", "lines"),
        (b"{main} started\n", "lines"),
        (b"<Events><Event xmlns='x'></Event></Events>", "xml"),
        (b"<?xml version='1.0'?>\n<!-- c -->\n<Event xmlns='x'></Event>", "xml"),
        (b"<?xml version='1.0'?><html></html>", "lines"),
        (SYSLOG * 3, "lines"),
        (CEF, "lines"),
        (b"user,src ip,action\nroot,10.0.0.1,login\n", "csv"),
        (b'user,"a,b"\nroot,"x\ny"\n', "csv"),
        ("用户;动作\n张三;登录\n".encode("gb18030"), "csv"),
        ("\ufeff时间\t用户\n1\t张三\n".encode("utf-16"), "csv"),
        (b"a|b|c\n1|2|3\n1|2|3\n", "csv"),
        (b"Login failed,user root\nLogin failed,user bob\n", "lines"),
        (b"Service started, all well\nService stopped, all well\n", "lines"),
        (b"2026-01-01 10:00:00,123 INFO a\n2026-01-01 10:00:01,456 INFO b\n", "lines"),
        (b"10.0.0.1,80,tcp\n10.0.0.2,81,udp\n", "lines"),
        (b"user=root,action=login\nuser=guest,action=login\n", "lines"),
        (b"a,b,c\n", "lines"),
        (b"one\ntwo\n", "lines"),
        (b"\x00\x00\x00\x00Jun 14 15:16:01 after a hole\n", "lines"),
        (b"ElfFile\x00" + bytes(100), "evtx"),
        (b"\xd4\xc3\xb2\xa1" + bytes(20), "pcap"),
        (b"\xa1\xb2\x3c\x4d" + bytes(20), "pcap"),
        (b"\x0a\x0d\x0d\x0a" + bytes(20), "pcapng"),
        (b"\x7fELF\x02\x01", "unknown"),
        (b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X", "unknown"),
        (bytes(range(2, 9)) * 30, "unknown"),
    ],
)
def test_the_content_decides(open_bytes: Open, data: bytes, decoder: str) -> None:
    assert open_bytes(data).decoder == decoder


def test_the_caller_decides_otherwise(open_bytes: Open) -> None:
    assert open_bytes(b'{"a":1}\n', decoder="lines").decoder == "lines"
    with pytest.raises(LookupError, match="no decoder is named"):
        open_bytes(b"", decoder="yaml")
    with pytest.raises(LookupError):
        open_bytes(b"a\n", encoding="klingon")


def test_an_empty_stream_has_no_records(decode: Decode) -> None:
    for data in (b"", b"\n\n", b"\xef\xbb\xbf", b"\xff\xfe"):
        assert decode(data) == ([], [])


def test_a_capture_goes_to_the_packet_decoder(decode: Decode) -> None:
    data = b"\xd4\xc3\xb2\xa1 packets"
    records, dead = decode(data, packet_decoder=lambda path: iter([Record(0, path.read_bytes())]))
    assert [record.raw for record in records] == [data]
    assert not dead
    records, dead = decode(data)
    assert not records
    assert [letter.reason for letter in dead] == [Reason.UNRECOGNIZED]


def test_what_is_no_log_is_one_dead_letter(decode: Decode) -> None:
    records, dead = decode(b"\x89PNG\r\n\x1a\n" + bytes(5000))
    assert not records
    assert [(letter.reason, letter.position) for letter in dead] == [(Reason.UNRECOGNIZED, 0)]
