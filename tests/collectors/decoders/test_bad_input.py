"""Hostile and broken input: a clear dead letter, bounded memory, neighbors unharmed."""

from __future__ import annotations

import bz2
import gzip
import io
import random
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from collectors.decoders import DecodedStream, DecodeLimits, DecodeOptions, decode_path, decode_stream
from collectors.decoders.byte_source import READ_BYTES
from collectors.record import DEAD_LETTER_BYTES, DeadLetter, Reason, Record

Decode = Callable[..., tuple[list[Record], list[DeadLetter]]]

MEBIBYTE = 1 << 20
LINES = b"".join(b'{"n": %d, "text": "some words of a record"}\n' % number for number in range(2000))


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def zip_of(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def outcome(streams: Iterator[DecodedStream]) -> tuple[list[Record], list[DeadLetter]]:
    items = [item for stream in streams for item in stream]
    return (
        [item for item in items if isinstance(item, Record)],
        [item for item in items if isinstance(item, DeadLetter)],
    )


class LongLine(io.RawIOBase):
    """Many megabytes between two short pieces, made as they are read."""

    def __init__(self, first: bytes, filling: bytes, last: bytes, megabytes: int = 100) -> None:
        self._pieces = iter([first, *[filling * (MEBIBYTE // len(filling))] * megabytes, last])
        self._ahead = b""

    def seekable(self) -> bool:
        return False

    def read(self, size: int = -1) -> bytes:
        if not self._ahead:
            self._ahead = next(self._pieces, b"")
        data, self._ahead = self._ahead[:size], self._ahead[size:]
        return data


@pytest.mark.parametrize(
    ("first", "filling", "last", "decoder"),
    [
        (b"before\n", b"x", b"\nafter\n", "lines"),
        (b'{"n":1}\n{"big":"', b"x", b'"}\n{"n":2}\n', "ndjson"),
        (b'{\n"n":1}\n{"big":"', b'\\"', b'"}\n{"n":2}\n', "json"),
        (b'[{"n":1},{"big":[', b'{"x":"' + b"y" * 4084 + b'"},', b'0]},{"n":2}]\n', "json"),
        (b"name,note\n1,2\n1,", b"x", b"\n3,4\n", "csv"),
        (b"<Events><Event ><System/></Event><Event >", b"x", b"</Event><Event ><System/></Event>", "xml"),
    ],
)
def test_a_line_of_a_hundred_megabytes(first: bytes, filling: bytes, last: bytes, decoder: str) -> None:
    tracemalloc.start()
    try:
        stream = decode_stream(LongLine(first, filling, last), "long")  # type: ignore[arg-type]  # (read from, no more)
        items = list(stream)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert stream.decoder == decoder
    assert [type(item) for item in items] == [Record, DeadLetter, Record]
    assert items[1].reason is Reason.TOO_LARGE
    assert items[1].length > 99 * MEBIBYTE
    assert len(items[1].raw) == DEAD_LETTER_BYTES
    assert peak < 90 * MEBIBYTE


def test_many_megabytes_flow_through_little_memory() -> None:
    line = b'{"n": 1, "text": "' + b"w" * 300 + b'"}\n'
    stream = LongLine(b"", line, b"", megabytes=30)
    tracemalloc.start()
    try:
        count = sum(1 for _ in decode_stream(stream, "long"))  # type: ignore[arg-type]  # (as above)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 30 * (MEBIBYTE // len(line))
    assert peak < 10 * MEBIBYTE


def test_a_bomb_in_a_zip_is_stopped_and_its_neighbors_stay(tmp_path: Path, small_limits: DecodeLimits) -> None:
    data = zip_of({"a.json": LINES[:1000], "bomb.log": b"0" * 300_000, "c.json": b'{"n":1}\n'})
    records, dead = outcome(decode_path(write(tmp_path / "b.zip", data), DecodeOptions(limits=small_limits)))
    assert records[-1].raw == b'{"n":1}'
    assert len([record for record in records if record.raw.startswith(b"{")]) == LINES[:1000].count(b"\n") + 1
    assert Reason.EXPANDS_TOO_FAR in {letter.reason for letter in dead}


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress])
def test_a_bomb_in_one_file(tmp_path: Path, small_limits: DecodeLimits, compress: Callable[[bytes], bytes]) -> None:
    data = compress(LINES[:10_000] + b"0" * 10_000_000)
    records, dead = outcome(decode_path(write(tmp_path / "b", data), DecodeOptions(limits=small_limits)))
    assert len(records) == LINES[:10_000].count(b"\n")
    assert [letter.reason for letter in dead][-1] is Reason.EXPANDS_TOO_FAR


def test_a_bomb_inside_a_bomb(tmp_path: Path, small_limits: DecodeLimits) -> None:
    data = gzip.compress(gzip.compress(b"0" * 100_000_000))
    records, dead = outcome(decode_path(write(tmp_path / "b", data), DecodeOptions(limits=small_limits)))
    assert Reason.EXPANDS_TOO_FAR in {letter.reason for letter in dead}
    assert sum(len(record.raw) for record in records) <= small_limits.archive.total_bytes + READ_BYTES


def test_layers_beyond_the_limit(tmp_path: Path) -> None:
    data = gzip.compress(gzip.compress(gzip.compress(b"text\n")))
    records, dead = outcome(decode_path(write(tmp_path / "b", data)))
    assert not records
    assert [letter.reason for letter in dead] == [Reason.EXPANDS_TOO_FAR]


def test_members_beyond_the_limit(tmp_path: Path, small_limits: DecodeLimits) -> None:
    data = zip_of({f"{number}.log": b"one line\n" for number in range(5)})
    records, dead = outcome(decode_path(write(tmp_path / "b.zip", data), DecodeOptions(limits=small_limits)))
    assert len(records) == 3
    assert [letter.reason for letter in dead] == [Reason.EXPANDS_TOO_FAR]


def test_an_encrypted_member_leaves_its_neighbors(tmp_path: Path) -> None:
    data = bytearray(zip_of({"a.log": b"first\n", "b.log": b"second\n"}))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + flags] |= 1
    records, dead = outcome(decode_path(write(tmp_path / "b.zip", bytes(data))))
    assert [record.text for record in records] == ["second"]
    assert [letter.reason for letter in dead] == [Reason.UNDECODABLE]
    assert "encrypted" in dead[0].detail


def test_a_damaged_member_leaves_its_neighbors(tmp_path: Path) -> None:
    noise = random.Random(7).randbytes(50_000).hex().encode()
    data = bytearray(zip_of({"a.log": noise, "b.log": b"second\n"}))
    data[20_000:20_100] = bytes(100)
    records, dead = outcome(decode_path(write(tmp_path / "b.zip", bytes(data))))
    assert records[-1].text == "second"
    assert Reason.UNDECODABLE in {letter.reason for letter in dead}


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress])
def test_a_cut_file_keeps_what_was_readable(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    noisy = b"".join(b'{"n": "%s"}\n' % random.Random(n).randbytes(500).hex().encode() for n in range(2000))
    data = compress(noisy)
    records, dead = outcome(decode_path(write(tmp_path / "cut", data[: len(data) * 3 // 4])))
    assert len(records) > 800
    assert dead[-1].reason is Reason.TRUNCATED
    assert [record.raw for record in records] == noisy.split(b"\n")[: len(records)]


def test_a_cut_zip(tmp_path: Path) -> None:
    data = zip_of({"a.log": LINES})
    records, dead = outcome(decode_path(write(tmp_path / "cut.zip", data[: len(data) // 2])))
    assert not records
    assert [letter.reason for letter in dead] == [Reason.TRUNCATED]


def test_garbage_after_a_gzip_member(tmp_path: Path) -> None:
    records, dead = outcome(decode_path(write(tmp_path / "g", gzip.compress(LINES) + b"garbage")))
    assert len(records) == 2000
    assert [letter.reason for letter in dead] == [Reason.UNDECODABLE]


def test_nul_bytes_and_broken_encodings(decode: Decode) -> None:
    lines = [
        b"Jun 14 ok",
        b"nul \x00\x00 inside",
        b"\xff\xfe\xfd broken",
        b"\xc3\x28",
        "中文".encode("gb18030"),
        b"Jun 14 ok",
    ]
    records, dead = decode(b"\n".join(lines))
    assert not dead
    assert [record.raw for record in records] == lines
    assert [record.text for record in records][1] == "nul \x00\x00 inside"
    assert [record.text for record in records][4] == "中文"


def test_a_zip_as_a_stream_is_refused_by_name() -> None:
    records, dead = outcome(iter([decode_stream(io.BytesIO(zip_of({"a.log": b"x\n"})), "upload")]))
    assert not records
    assert [letter.reason for letter in dead] == [Reason.UNRECOGNIZED]
    assert "upload" in dead[0].detail


def test_a_missing_file_is_the_callers_affair(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(decode_path(tmp_path / "absent"))
