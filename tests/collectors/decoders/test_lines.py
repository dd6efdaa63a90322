from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.decoders import LineAssembler, line_record
from collectors.record import DEAD_LETTER_BYTES, DeadLetter, Reason, Record


def feed_in_pieces(assembler: LineAssembler, data: bytes, cuts: list[int]) -> list[tuple[int, bytes] | DeadLetter]:
    items = []
    edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    for start, end in pairwise(edges):
        items += assembler.feed(data[start:end])
    return items + assembler.flush()


@given(data=st.binary(max_size=300), cuts=st.lists(st.integers(0, 300)), start=st.integers(0, 10**12))
def test_lines_are_the_same_however_the_bytes_arrive(data: bytes, cuts: list[int], start: int) -> None:
    expected, offset = [], start
    for line in data.split(b"\n"):
        if line and not line.isspace():
            expected.append((offset, line))
        offset += len(line) + 1
    assert feed_in_pieces(LineAssembler(1000, start), data, cuts) == expected


@given(
    lines=st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), max_size=12), max_size=20
    ),
    cuts=st.lists(st.integers(0, 300)),
    encoding=st.sampled_from(["utf-16-le", "utf-16-be"]),
)
def test_utf_16_lines_end_at_whole_newlines_only(lines: list[str], cuts: list[int], encoding: str) -> None:
    data = "\n".join(lines).encode(encoding)
    items = feed_in_pieces(LineAssembler(1000, 0, encoding), data, cuts)
    expected = [line for line in lines if line.strip()]
    assert [raw.decode(encoding) for _, raw in items] == expected
    assert all(data[offset:].startswith(raw) for offset, raw in items)


@given(
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=20),
    cuts=st.lists(st.integers(0, 800)),
)
def test_long_lines_become_dead_letters_beside_their_neighbors(sizes: list[int], cuts: list[int]) -> None:
    data = b"\n".join(b"x" * size for size in sizes)
    items = feed_in_pieces(LineAssembler(20), data, cuts)
    assert len(items) == len(sizes)
    offset = 0
    for item, size in zip(items, sizes, strict=True):
        if size > 20:
            assert isinstance(item, DeadLetter)
            assert (item.position, item.reason, item.length) == (offset, Reason.TOO_LARGE, size)
        else:
            assert item == (offset, b"x" * size)
        offset += size + 1


def test_a_long_line_keeps_its_head_alone() -> None:
    assembler = LineAssembler(2 * DEAD_LETTER_BYTES)
    for _ in range(12):
        assert assembler.feed(b"y" * (DEAD_LETTER_BYTES // 2)) == []
    dead, after = assembler.feed(b"\nnext\n")
    assert isinstance(dead, DeadLetter)
    assert dead.raw == b"y" * DEAD_LETTER_BYTES
    assert dead.length == 6 * DEAD_LETTER_BYTES
    assert after == (6 * DEAD_LETTER_BYTES + 1, b"next")


def test_position_is_where_the_partial_line_starts() -> None:
    assembler = LineAssembler(100, start=1000)
    assert assembler.feed(b"one\ntwo\nthr") == [(1000, b"one"), (1004, b"two")]
    assert assembler.position == 1008
    assert assembler.feed(b"ee\n") == [(1008, b"three")]
    assert assembler.position == 1014
    assert assembler.flush() == []


def test_blank_lines_are_handed_out_on_demand() -> None:
    assembler = LineAssembler(100, keep_blank=True)
    assert assembler.feed(b"a\n\n \nb") == [(0, b"a"), (2, b""), (3, b" ")]
    assert assembler.flush() == [(5, b"b")]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain\r", "plain"),
        ("统一登录失败".encode(), "统一登录失败"),
        ("统一登录失败".encode("gb18030"), "统一登录失败"),
        (b"caf\xe9 \xff", "caf\ufffd \ufffd"),
        (b"nul \x00 inside", "nul \x00 inside"),
        (b"{thread-1} no JSON", "{thread-1} no JSON"),
        (b"\xef\xbb\xbfmarked", "marked"),
    ],
)
def test_a_line_is_text_in_the_encoding_it_shows(raw: bytes, text: str) -> None:
    record = line_record(0, raw)
    assert isinstance(record, Record)
    assert (record.text, record.document, record.decoder) == (text, None, "lines")


def test_raw_keeps_broken_bytes() -> None:
    record = line_record(7, b"caf\xe9 \xff\r")
    assert isinstance(record, Record)
    assert (record.position, record.raw) == (7, b"caf\xe9 \xff")


def test_a_json_line_has_a_document() -> None:
    record = line_record(0, b' {"user": "root", "n": 1}')
    assert isinstance(record, Record)
    assert record.document == {"user": "root", "n": 1}
    assert record.decoder == "ndjson"


def test_a_json_line_in_gb18030_has_a_document() -> None:
    record = line_record(0, '{"用户": "张三"}'.encode("gb18030"))
    assert isinstance(record, Record)
    assert record.document == {"用户": "张三"}
    assert record.text == '{"用户": "张三"}'


def test_a_json_line_nested_too_deep_is_a_dead_letter() -> None:
    dead = line_record(3, b'{"a":' * 10_000 + b"1" + b"}" * 10_000)
    assert isinstance(dead, DeadLetter)
    assert (dead.position, dead.reason) == (3, Reason.TOO_DEEP)


def test_an_encoding_told_is_used() -> None:
    record = line_record(0, "日志\r".encode("utf-16-be"), "utf-16-be")
    assert isinstance(record, Record)
    assert record.text == "日志"
