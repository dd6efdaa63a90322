"""Messages come out of a stream as they went in, however the network cuts it."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from collectors.sources.spool import Message
from collectors.sources.syslog.framing import SyslogFraming


def _marked(framing: str, messages: st.SearchStrategy[bytes]) -> st.SearchStrategy[tuple[str, bytes]]:
    return st.tuples(st.just(framing), messages)


_PRI = st.integers(0, 191).map(lambda number: f"<{number}>".encode())
_COUNTED = _marked("counted", st.builds(lambda head, tail: head + tail, _PRI, st.binary(max_size=80)))
_LINE = _marked(
    "line",
    st.one_of(
        st.builds(lambda head, tail: head + tail, _PRI, st.binary(max_size=80)),
        st.from_regex(rb"\A[0-9]{1,5} [a-z0-9 ]{0,20}\Z"),
        st.binary(min_size=1, max_size=40),
    ).map(
        lambda line: (
            b"x" + line.replace(b"\n", b" ") + b"x"
            if line[:1] not in b"<0123456789"
            else line.replace(b"\n", b" ") + b"x"
        )
    ),
)


def _pieces(stream: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({min(cut, len(stream)) for cut in cuts} | {0, len(stream)})
    return [stream[start:end] for start, end in pairwise(places)]


@given(st.lists(st.one_of(_COUNTED, _LINE), max_size=12), st.lists(st.integers(0, 600), max_size=30))
def test_both_framings_mixed_and_cut_anywhere(items: list[tuple[str, bytes]], cuts: list[int]) -> None:
    stream = b"".join(b"%d %s" % (len(data), data) if framing == "counted" else data + b"\n" for framing, data in items)
    cutter = SyslogFraming(1000, "peer")
    found = [message for piece in _pieces(stream, cuts) for message in cutter.feed(piece)]
    assert [message.data for message in found] == [data for _, data in items]
    assert all(message.peer == "peer" and message.whole_length == len(message.data) for message in found)
    assert cutter.finish() == []


@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=20))
def test_any_bytes_give_messages_within_the_limit(stream: bytes, cuts: list[int]) -> None:
    framing = SyslogFraming(50)
    found = [message for piece in _pieces(stream, cuts) for message in framing.feed(piece)] + framing.finish()
    assert all(0 < len(message.data) <= 50 for message in found)
    kept = b"".join(message.data for message in found)
    if all(message.whole_length == len(message.data) for message in found):
        assert len(kept) <= len(stream)


def test_too_long_messages_are_cut_and_their_neighbors_whole() -> None:
    framing = SyslogFraming(20)
    stream = b"<1>" + b"a" * 100 + b"\n<2>b\n500 <3>" + b"c" * 497 + b"6 <4>ddd<5>e\n"
    found = [message for start in range(0, len(stream), 7) for message in framing.feed(stream[start : start + 7])]
    assert found == [
        Message(b"<1>" + b"a" * 17, None, 103, is_cut=True),
        Message(b"<2>b", None, 4),
        Message(b"<3>" + b"c" * 17, None, 500, is_cut=True),
        Message(b"<4>ddd", None, 6),
        Message(b"<5>e", None, 4),
    ]


def test_the_end_of_a_connection_ends_a_line_but_not_a_count() -> None:
    lines = SyslogFraming(100)
    assert lines.feed(b"<1>whole\n<2>rest") == [Message(b"<1>whole", None, 8)]
    assert lines.finish() == [Message(b"<2>rest", None, 7)]
    counted = SyslogFraming(100)
    assert counted.feed(b"30 <3>only this much") == []
    assert counted.finish() == [Message(b"<3>only this much", None, 30)]


def test_a_hundred_megabyte_line_takes_little_memory() -> None:
    cutter = SyslogFraming(1000)
    block = b"z" * (1 << 20)
    for _ in range(100):
        assert cutter.feed(block) == []
        assert len(cutter._buffer) == 0
    [message] = cutter.feed(b"\n")
    assert (len(message.data), message.whole_length) == (1000, 100 << 20)
