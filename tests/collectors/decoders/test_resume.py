"""Going on from a position gives exactly the records from there."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable

import pytest

from collectors.decoders import decode_stream

EVENT = "<Event xmlns='x'><System><EventID>%d</EventID></System></Event>\n"
SAMPLES = {
    "lines": "".join(f"Jun 14 15:16:01 combo app[{n}]: text {n}\n" for n in range(50)),
    "ndjson": "".join(f'{{"n": {n}}}\n' for n in range(50)),
    "json": "[" + ",\n".join(f'{{"n": {n}}}' for n in range(50)) + "]",
    "csv": "number,name\n" + "".join(f"{n},x\n" for n in range(50)),
    "xml": "<Events>" + "".join(EVENT % n for n in range(50)) + "</Events>",
}


class CountingStream(io.BytesIO):
    """Counts what is read of it."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_from_each_position(name: str, encoding: str, pack: Callable[[bytes], bytes]) -> None:
    data = pack(SAMPLES[name].encode(encoding))
    whole = list(decode_stream(io.BytesIO(data), "x"))
    assert len(whole) == 50
    for index in (0, 1, 17, 49):
        rest = list(decode_stream(io.BytesIO(data), "x", start=whole[index].position))
        assert rest == whole[index:]
    assert list(decode_stream(io.BytesIO(data), "x", start=10**9)) == []


def test_lines_before_the_position_are_not_read() -> None:
    stream = CountingStream(b"Jun 14 15:16:01 combo app: a line of text\n" * 50_000)
    start = 42 * 49_999
    assert len(list(decode_stream(stream, "x", start=start))) == 1
    assert stream.taken < 1 << 20
