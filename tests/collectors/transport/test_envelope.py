"""What is carried arrives as it was sent, whatever it holds; what is no message is told as such."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from collectors.decoders.line_records import line_record
from collectors.record import DeadLetter, Reason, Record, RecordBatch
from collectors.transport.envelope import EnvelopeError, decode_batch, encode_batch

_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
_RECORDS = st.one_of(
    st.builds(
        line_record, st.integers(1, 2**40), st.binary(max_size=60), st.sampled_from([None, "gb18030", "utf-16-le"])
    ),
    st.builds(
        Record,
        st.integers(0, 2**60),
        st.binary(max_size=40),
        st.none() | st.text(),
        st.dictionaries(st.text(), _JSON, max_size=3),
        st.just("csv"),
        st.none() | st.just("192.0.2.1:514"),
    ),
    st.builds(DeadLetter, st.integers(0, 9), st.sampled_from(Reason), st.text(), st.binary(max_size=40), st.none()),
)


def _batch(items: list[Any]) -> RecordBatch:
    records = [item for item in items if isinstance(item, Record)]
    letters = [item for item in items if isinstance(item, DeadLetter)]
    return RecordBatch("网关", "file:1", records, letters, None, "gateway", 1_700_000_000_000, -5)


@given(st.lists(_RECORDS, min_size=1, max_size=5))
@example([line_record(9, b'{"a": 1, "b": [2.5, null]}\r\r'), Record(1, b"\xff\xfe", "\ud800", None)])
@example([Record(3, b"<Event/>", None, None)])
@example([Record(0, b"", None, {"": -(2**63) - 1}, "csv")])
def test_a_batch_arrives_as_it_was_sent(items: list[Any]) -> None:
    batch = _batch(items)
    [message] = encode_batch(batch, "Asia/Shanghai")
    carried = decode_batch(message)
    assert carried.zone == "Asia/Shanghai"
    assert carried.batch == batch


@given(st.binary(max_size=80))
def test_noise_is_no_message(noise: bytes) -> None:
    with pytest.raises(EnvelopeError):
        decode_batch(noise)


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_message_that_was_cut_or_changed_is_told_or_still_a_batch(place: int, byte: int) -> None:
    [message] = encode_batch(_batch([line_record(1, b'{"a": "\xc3\xa4"}'), line_record(2, b"plain")]))
    with pytest.raises(EnvelopeError):
        decode_batch(message[: place % len(message)])
    changed = bytearray(message)
    changed[place % len(message)] = byte
    try:
        assert decode_batch(bytes(changed)).batch.records is not None
    except EnvelopeError as error:
        assert "look at" in str(error) or "another program" in str(error)  # noqa: PT017 (either is right)


def test_a_large_batch_goes_in_parts_that_lose_nothing() -> None:
    items = [line_record(number, b"x" * 1_000 + b"%d" % number) for number in range(2_500)]
    parts = [decode_batch(message).batch for message in encode_batch(_batch(items))]
    assert len(parts) >= 5
    assert [record for part in parts for record in part.records] == items
    huge = line_record(1, b"y" * (3 << 20))
    assert [decode_batch(each).batch.records for each in encode_batch(_batch([huge, items[0]]))] == [[huge], [items[0]]]
