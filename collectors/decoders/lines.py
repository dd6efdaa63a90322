"""Lines out of bytes that arrive in pieces: files that grow, spools, connections."""

from __future__ import annotations

from itertools import islice
from typing import TypeAlias

from collectors.decoders.encodings import wide_newline
from collectors.record import DEAD_LETTER_BYTES, DeadLetter, Reason

Line: TypeAlias = tuple[int, bytes]
"""Offset of the first byte, and the line without its newline."""


class LineAssembler:
    """Cuts what it is fed into lines and remembers the partial last one.

    Memory is bounded by ``limit``: of a longer line only the head is kept, and it becomes a dead letter when it ends.
    Blank lines are dropped unless asked for.

    Args:
        limit: longest line, in bytes.
        start: offset of the first byte that will be fed.
        encoding: encoding of the text; only UTF-16 changes what a newline is.
        keep_blank: hand out blank lines too, for formats in which a record holds them.
    """

    def __init__(self, limit: int, start: int = 0, encoding: str | None = None, *, keep_blank: bool = False) -> None:
        self._limit = limit
        self._encoding = encoding
        self._newline = wide_newline(encoding)
        self._keep_blank = keep_blank
        self._width = len(self._newline)
        self._position = start
        self._parts: list[bytes] = []
        self._length = 0
        self._odd = b""

    @property
    def position(self) -> int:
        """Offset of the first byte that has not been handed out: where the partial last line starts."""
        return self._position

    def feed(self, data: bytes) -> list[Line | DeadLetter]:
        """The lines that ``data`` completes, in order; dead letters stand for lines that were too long."""
        pieces = data.split(b"\n") if self._width == 1 else self._split_wide(data)
        last = pieces.pop()
        lines: list[Line | DeadLetter] = []
        if pieces:
            self._hold(pieces[0])
            self._release(lines, self._width)
            self._whole_lines(lines, pieces)
        self._hold(last)
        return lines

    def flush(self) -> list[Line | DeadLetter]:
        """The partial last line, once nothing more will come."""
        lines: list[Line | DeadLetter] = []
        self._hold(self._odd)
        self._odd = b""
        if self._length:
            self._release(lines, 0)
        return lines

    def _whole_lines(self, lines: list[Line | DeadLetter], pieces: list[bytes]) -> None:
        """Append all but the first of ``pieces``, each a complete line."""
        position, width, limit = self._position, self._width, self._limit
        is_plain = width == 1 and not self._keep_blank
        for raw in islice(pieces, 1, None):
            length = len(raw)
            if length > limit:
                lines.append(_too_long(position, raw[:DEAD_LETTER_BYTES], length, limit))
            elif (raw and not raw.isspace()) if is_plain else self._is_wanted(raw):
                lines.append((position, raw))
            position += length + width
        self._position = position

    def _hold(self, piece: bytes) -> None:
        """Add to the partial line; beyond the limit keep its head alone."""
        if not piece:
            return
        within = self._length <= self._limit
        self._length += len(piece)
        if within:
            self._parts.append(piece)
            if self._length > self._limit:
                self._parts = [b"".join(self._parts)[:DEAD_LETTER_BYTES]]

    def _release(self, lines: list[Line | DeadLetter], terminator: int) -> None:
        """End the partial line; ``terminator`` is the length of the newline that ended it."""
        raw, length = b"".join(self._parts), self._length
        if length > self._limit:
            lines.append(_too_long(self._position, raw, length, self._limit))
        elif self._is_wanted(raw):
            lines.append((self._position, raw))
        self._position += length + terminator
        self._parts, self._length = [], 0

    def _is_wanted(self, raw: bytes) -> bool:
        if self._keep_blank:
            return True
        if self._width == 1:
            return bool(raw) and not raw.isspace()
        return bool(raw.decode(self._encoding or "", "replace").strip())

    def _split_wide(self, data: bytes) -> list[bytes]:
        """Split UTF-16 at newlines that start on a whole code unit; an odd last byte waits for its other half."""
        data = self._odd + data
        even = len(data) & ~1
        self._odd, data = data[even:], data[:even]
        pieces, start, found = [], 0, data.find(self._newline)
        while found >= 0:
            if found % 2 == 0:
                pieces.append(data[start:found])
                start = found + 2
            found = data.find(self._newline, found + 1)
        pieces.append(data[start:])
        return pieces


def _too_long(position: int, head: bytes, length: int, limit: int) -> DeadLetter:
    detail = f"a line of {length} bytes, longer than the {limit} allowed (policies/collection/limits.yml record.bytes)"
    return DeadLetter(position, Reason.TOO_LARGE, detail, head, length)
