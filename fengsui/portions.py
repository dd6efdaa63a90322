"""Input cut into portions that can be read apart: stretches of NDJSON between line ends, and files whole."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from collectors.decoders import DecodedStream, DecodeOptions, decode_path, decode_stream
from collectors.walk import log_files

PORTION_BYTES = 8 << 20
"""Large enough that starting on one costs nothing, small enough that no process waits long for the last."""
_SEARCHED_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Portion:
    """A stretch of a file: the lines that start from ``start`` on and before ``end``; without ``end``, all of it."""

    path: Path
    start: int = 0
    end: int | None = None

    def streams(self, options: DecodeOptions) -> Iterator[DecodedStream]:
        """What there is to read; each stream is to be read before the next is asked for."""
        if self.end is None:
            yield from decode_path(self.path, options)
            return
        with self.path.open("rb") as file:
            yield decode_stream(file, self.path.name, options, start=self.start)


def portions(paths: Iterable[Path], options: DecodeOptions, size: int = PORTION_BYTES) -> Iterator[Portion]:
    """All files of the paths in order, cut into portions of about a size in bytes where they can be cut."""
    for path in log_files(paths):
        length = path.stat().st_size
        if length > size and _can_be_cut(path, options):
            edges = list(_edges(path, length, size))
            yield from (Portion(path, start, end) for start, end in pairwise(edges))
        else:
            yield Portion(path)


def _can_be_cut(path: Path, options: DecodeOptions) -> bool:
    """Whether lines of a file are records, wherever one begins to read."""
    with path.open("rb") as file:
        return decode_stream(file, path.name, options).is_plain_ndjson


def _edges(path: Path, length: int, size: int) -> Iterator[int]:
    """Offsets of the first byte, of the line starts nearest after each multiple of the size, and of the end."""
    yield 0
    last = 0
    with path.open("rb") as file:
        for wanted in range(size, length, size):
            edge = _next_line(file.fileno(), wanted)
            if last < edge < length:
                yield edge
                last = edge
    yield length


def _next_line(file: int, offset: int) -> int:
    """Where the first line starts that begins after an offset; the end of the file where there is none."""
    while block := os.pread(file, _SEARCHED_BYTES, offset):
        found = block.find(b"\n")
        if found >= 0:
            return offset + found + 1
        offset += len(block)
    return offset
