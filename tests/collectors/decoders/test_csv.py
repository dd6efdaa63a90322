from __future__ import annotations

from collections.abc import Callable

from collectors.decoders import DecodeLimits
from collectors.record import DeadLetter, Reason, Record

Decode = Callable[..., tuple[list[Record], list[DeadLetter]]]


def test_raw_and_position_are_the_row_itself(decode: Decode) -> None:
    data = b'user,note\r\nroot,"two\r\n\r\nlines"\r\n\r\nguest,\r\n'
    records, dead = decode(data)
    assert not dead
    assert [(record.position, record.raw, record.document) for record in records] == [
        (11, b'root,"two\r\n\r\nlines"', {"user": "root", "note": "two\r\n\r\nlines"}),
        (34, b"guest,", {"user": "guest", "note": ""}),
    ]


def test_rows_of_other_lengths(decode: Decode) -> None:
    records, dead = decode(b"a,b\n1,2\n3\n4,5,\n6,7,8\n", decoder="csv")
    assert [record.document for record in records] == [{"a": "1", "b": "2"}, {"a": "3"}, {"a": "4", "b": "5"}]
    assert [(letter.raw, letter.reason) for letter in dead] == [(b"6,7,8", Reason.UNDECODABLE)]


def test_a_quote_never_closed_costs_its_line_alone(decode: Decode) -> None:
    records, dead = decode(b'name,note\na,1\nb,"open\n' + b"c,2\n" * 1000)
    assert [letter.raw for letter in dead] == [b'b,"open']
    assert len(records) == 1001


def test_a_quote_never_closed_is_not_followed_beyond_the_limit(decode: Decode, small_limits: DecodeLimits) -> None:
    records, dead = decode(b'name,note\na,1\nb,"open\n' + b"c,2\n" * 5000, limits=small_limits)
    assert [letter.raw for letter in dead] == [b'b,"open']
    assert len(records) == 5001


def test_quotes_inside_unquoted_fields_are_text(decode: Decode) -> None:
    records, dead = decode(b'disk,size\n5" floppy,1\n"a ""b""",2\n')
    assert not dead
    assert [record.document["disk"] for record in records] == ['5" floppy', 'a "b"']


def test_column_names_are_each_given_once(decode: Decode) -> None:
    records, _ = decode(b"ip,ip,ip\n1,2,3\n", decoder="csv")
    assert records[0].document == {"ip": "1", "ip_2": "2", "ip_3": "3"}


def test_a_field_of_a_megabyte(decode: Decode) -> None:
    records, dead = decode(b'name,note\na,"' + b"x" * 1_000_000 + b'"\n', decoder="csv")
    assert not dead
    assert len(records[0].document["note"]) == 1_000_000
