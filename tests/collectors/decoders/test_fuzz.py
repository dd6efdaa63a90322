"""Whatever the bytes are: no exception, no stall, and something to show for every input that is not blank."""

from __future__ import annotations

import bz2
import gzip
import io
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.decoders import DECODERS, DecodeLimits, DecodeOptions, decode_path, decode_stream
from collectors.record import DeadLetter, Record

Decode = Callable[..., tuple[list[Record], list[DeadLetter]]]

OBJECTS = b"".join(b'{"a":%d,"b":"x{}[]\\"y","c":{"d":[1,{"e":null}]}}\n' % number for number in range(30))
EVENT = (
    b'<Event xmlns="u"><System><EventID>%d</EventID></System><EventData><Data Name="a">b</Data></EventData></Event>\n'
)
SEEDS = [
    OBJECTS,
    b"[" + OBJECTS.strip().replace(b"\n", b",\n") + b"]",
    b'{"Records":[' + OBJECTS.strip().replace(b"\n", b",") + b"]}",
    OBJECTS.replace(b",", b",\n  ").replace(b"{", b"{\n "),
    b"name,note,number\n" + b"".join(b'n,"two\nlines ""q""",%d\n' % number for number in range(30)),
    "名称;值\n".encode("gb18030") + "甲;乙\n".encode("gb18030") * 30,
    b"<Events>" + b"".join(EVENT % number for number in range(20)) + b"</Events>",
    OBJECTS.decode().encode("utf-16"),
    b"Jun 14 15:16:01 combo sshd[1]: authentication failure\n" * 30,
    gzip.compress(OBJECTS),
    bz2.compress(OBJECTS),
]
FRAGMENTS = [
    b"{",
    b"}",
    b'"',
    b"[",
    b"]",
    b"\n",
    b"\\",
    b"<Event ",
    b"</Event>",
    b"\x00" * 9,
    b'"""',
    b",",
    b"\xff",
    b"\r",
]

edits = st.lists(
    st.tuples(st.integers(0, 10_000), st.integers(0, 60), st.sampled_from(FRAGMENTS) | st.binary(max_size=8)),
    max_size=6,
)


def mutated(seed: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    for place, removed, inserted in changes:
        start = place % (len(seed) + 1)
        seed = seed[:start] + inserted + seed[start + removed :]
    return seed


def check_accounting(items: list[Record | DeadLetter], data: bytes) -> None:
    """Each record is where it says and overlaps no other; between them stands nothing but what formats put there."""
    spans = sorted(
        (item.position, item.position + (item.length or 0 if isinstance(item, DeadLetter) else len(item.raw)))
        for item in items
    )
    for (_, end), (start, _) in pairwise(spans):
        assert end <= start
    for item in items:
        if item.raw and isinstance(item, Record):
            assert data.startswith(item.raw, item.position)


@settings(max_examples=300)
@given(seed=st.sampled_from(SEEDS), changes=edits, limited=st.sampled_from([None, "small"]))
def test_mutated_input(
    small_limits: DecodeLimits, seed: bytes, changes: list[tuple[int, int, bytes]], limited: str | None
) -> None:
    data = mutated(seed, changes)
    options = DecodeOptions(limits=small_limits) if limited else DecodeOptions()
    stream = decode_stream(io.BytesIO(data), "fuzz", options)
    items = list(stream)
    if data.strip() and not (stream.decoder == "csv" and len(data.split(b"\n")) < 4):
        assert items
    if (
        stream.encoding is None
        and stream.decoder in {"ndjson", "json", "xml", "lines"}
        and data[:2] not in {b"\x1f\x8b", b"BZ", b"PK"}
    ):
        check_accounting(items, data)


@settings(max_examples=200)
@given(data=st.binary(max_size=400))
def test_random_bytes(data: bytes) -> None:
    items = list(decode_stream(io.BytesIO(data), "fuzz"))
    assert items or not data.replace(b"\xef\xbb\xbf", b"").strip(b" \t\r\n\x0b\x0c\xff\xfe\x00")


@pytest.mark.parametrize("decoder", sorted(DECODERS))
@settings(max_examples=60)
@given(seed=st.sampled_from(SEEDS), changes=edits)
def test_the_wrong_decoder(tmp_path: Path, decoder: str, seed: bytes, changes: list[tuple[int, int, bytes]]) -> None:
    path = tmp_path / "fuzz"
    path.write_bytes(mutated(seed, changes))
    for stream in decode_path(path, DecodeOptions(decoder=decoder)):
        assert all(isinstance(item, Record | DeadLetter) for item in stream)


@settings(max_examples=200)
@given(changes=edits)
def test_every_line_of_ndjson_is_accounted_for(changes: list[tuple[int, int, bytes]]) -> None:
    data = b'{"first": 1}\n' + mutated(OBJECTS, changes)
    items = list(decode_stream(io.BytesIO(data), "fuzz", DecodeOptions(decoder="ndjson", encoding="utf-8")))
    lines = [line.removesuffix(b"\r") for line in data.split(b"\n") if line.strip()]
    assert [item.raw for item in items] == [line for line in lines if line not in {b"", b"\xef\xbb\xbf"}]
