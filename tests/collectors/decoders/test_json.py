from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from collectors.decoders import DecodeLimits
from collectors.record import DeadLetter, Reason, Record

Decode = Callable[..., tuple[list[Record], list[DeadLetter]]]


def documents(records: list[Record]) -> list[object]:
    return [record.document for record in records]


def test_position_and_raw_are_the_record_itself(decode: Decode) -> None:
    data = b'[\n  {"a": 1},\n  {"b": "x}{"}\n]\n'
    records, dead = decode(data)
    assert not dead
    assert [(record.position, record.raw) for record in records] == [(4, b'{"a": 1}'), (16, b'{"b": "x}{"}')]
    assert {record.decoder for record in records} == {"json"}


@pytest.mark.parametrize(
    "envelope",
    [
        '{"Records": %s}',
        '{"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": ""}, "items": %s}',
        '{"@odata.context": "https://graph/x", "value": %s, "@odata.nextLink": "n"}',
        '{"NextToken": "t", "RequestId": "r", "Events": %s}',
        '{"events": %s}',
        '{"records": %s}',
    ],
)
def test_an_envelope_gives_its_records(decode: Decode, envelope: str) -> None:
    items = [{"n": 1, "inner": {"items": [{"x": 1}]}}, {"n": 2}]
    for indent in (None, 2):
        records, dead = decode((envelope % json.dumps(items, indent=indent)).encode())
        assert documents(records) == items
        assert not dead


def test_envelopes_one_after_the_other(decode: Decode) -> None:
    records, dead = decode(b'{"Records":[{"n":1},{"n":2}]}{"Records":[]}\n{"Records":[{"n":3}]}')
    assert [document["n"] for document in documents(records)] == [1, 2, 3]
    assert not dead


def test_members_beside_the_list_are_not_lost(decode: Decode) -> None:
    records, dead = decode(b'{"items":[{"n":1}],"time":"2026-01-01"}\n{"items":[{"n":2}],"nextLink":"x"}')
    assert documents(records) == [{"n": 1}, {"n": 2}]
    assert [(letter.reason, letter.raw) for letter in dead] == [(Reason.UNDECODABLE, b',"time":"2026-01-01"}')]


def test_an_event_that_holds_a_list_is_no_envelope(decode: Decode) -> None:
    event = {"time": "2026-01-01T00:00:00Z", "items": [{"x": 1}]}
    records, _ = decode(json.dumps(event, indent=1).encode())
    assert documents(records) == [event]


@pytest.mark.parametrize(
    ("element", "document"),
    [
        (b'{"n": NaN, "i": -Infinity}', {"n": None, "i": None}),
        (b'{"n": 123456789012345678901234567890}', {"n": 123456789012345678901234567890.0}),
        (b'{"n": 18446744073709551615}', {"n": 18446744073709551615}),
        (b'{"s": "lone \\ud800 here"}', {"s": "lone \ufffd here"}),
        (b'{"s": "tab\there"}', {"s": "tab\there"}),
        ('{"名": "值"}'.encode("gb18030"), {"名": "值"}),
        (b'{"n": ' + b"9" * 5000 + b"}", {"n": "9" * 5000}),
    ],
)
def test_nearly_json_is_read(decode: Decode, element: bytes, document: dict[str, object]) -> None:
    for data in (element, b'{"before": 1}\n' + element + b'\n{"after": 1}\n', b'[{"a":1},' + element + b"]"):
        records, dead = decode(data)
        assert not dead
        assert document in documents(records)


@pytest.mark.parametrize(
    "broken",
    [
        b'{"bad": tru}',
        b'{"bad" "colon"}',
        b'{"bad": [1, 2}',
        b'{"bad": {"never": "closed"}',
        b'{"bad": "string not closed}',
        b'{"bad": {"deep": [{"x": "y"',
        b"{'single': 'quotes'}",
    ],
)
@pytest.mark.parametrize(
    ("start", "separator", "end"), [(b"", b"\n", b""), (b"[\n", b",\n", b"\n]"), (b"", b"\n\n", b"\n")]
)
def test_a_broken_object_leaves_its_neighbors(
    decode: Decode, broken: bytes, start: bytes, separator: bytes, end: bytes
) -> None:
    good = [json.dumps({"n": number, "in": {"x": [1, {"y": "}"}]}}, indent=2).encode() for number in range(4)]
    data = start + separator.join([*good[:2], broken, *good[2:]]) + end
    records, dead = decode(data, decoder="json")
    assert [document["n"] for document in documents(records)] == [0, 1, 2, 3]
    assert dead
    assert {letter.reason for letter in dead} <= {Reason.UNDECODABLE, Reason.TRUNCATED}
    assert dead[0].position == data.index(broken)
    assert dead[0].raw.startswith(broken[:10])


def test_a_text_that_ends_inside_an_object(decode: Decode) -> None:
    records, dead = decode(b'[{"n": 1}, {"n": 2, "m"')
    assert documents(records) == [{"n": 1}]
    assert [(letter.position, letter.reason, letter.raw) for letter in dead] == [
        (11, Reason.TRUNCATED, b'{"n": 2, "m"')
    ]


def test_a_text_that_ends_inside_its_list(decode: Decode) -> None:
    records, dead = decode(b'[{"n": 1}, {"n": 2},')
    assert len(records) == 2
    assert [letter.reason for letter in dead] == [Reason.TRUNCATED]


def test_garbage_between_objects_is_kept(decode: Decode) -> None:
    records, dead = decode(b'{"n":\n1} what is this {"n":\n2}', decoder="json")
    assert documents(records) == [{"n": 1}, {"n": 2}]
    assert [(letter.position, letter.raw) for letter in dead] == [(9, b"what is this ")]


@pytest.mark.parametrize("layout", [b'{"n":1}\n%b\n{"n":2}\n', b'[{"n":1},\n%b,\n{"n":2}]'])
def test_nesting_too_deep(decode: Decode, layout: bytes) -> None:
    deep = b'{"a":' * 10_000 + b"[" * 10_000 + b"]" * 10_000 + b"}" * 10_000
    records, dead = decode(layout % deep)
    assert documents(records) == [{"n": 1}, {"n": 2}]
    assert [letter.reason for letter in dead] == [Reason.TOO_DEEP]
    assert dead[0].length == len(deep)


@pytest.mark.parametrize("layout", [b'{"n":1}\n%b\n{"n":2}\n', b'[\n{"n":1},\n%b,\n{"n":2}\n]', b'{"n":1}%b{"n":2}'])
@pytest.mark.parametrize("filling", [b'"' + b'x\\"{' * 100_000 + b'"', b"[" + b"1," * 200_000 + b"1]"])
def test_a_record_too_large(decode: Decode, small_limits: DecodeLimits, layout: bytes, filling: bytes) -> None:
    large = b'{"large": ' + filling + b"}"
    records, dead = decode(layout % large, limits=small_limits)
    assert documents(records) == [{"n": 1}, {"n": 2}]
    assert [(letter.reason, letter.length) for letter in dead] == [(Reason.TOO_LARGE, len(large))]
    assert large.startswith(dead[0].raw)


def test_ndjson_lines_that_are_no_objects(decode: Decode) -> None:
    records, dead = decode(b'# exported\n{"n":1}\nnot json\n[1]\n"text"\n{"n":2}\n')
    assert documents(records) == [{"n": 1}, {"n": 2}]
    assert [(letter.raw, letter.reason) for letter in dead] == [
        (b"not json", Reason.UNDECODABLE),
        (b"[1]", Reason.UNDECODABLE),
        (b'"text"', Reason.UNDECODABLE),
    ]


def test_no_value_of_a_record_stands_in_a_detail(decode: Decode) -> None:
    _, dead = decode(b'{"n":1}\n{"password": "hunter2" oops}\n{"id": hunter2}\n')
    assert len(dead) == 2
    assert not any("hunter2" in letter.detail for letter in dead)
