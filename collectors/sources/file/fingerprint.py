"""What a file's beginning looked like as far as it was read, in a few hashes.

A hash of the bytes before each of a few offsets (the size at first sight, the powers of four, the place read to) tells
a file that was renamed, copied, compressed or appended to from one that was rewritten, without keeping its bytes.
"""

from __future__ import annotations

import hashlib
from enum import Enum
from typing import BinaryIO

WINDOW = 4096
"""How many bytes before an offset are hashed."""

_SMALLEST = 64
_DIGEST_BYTES = 8


class Likeness(Enum):
    """How the content of a file compares with what was read."""

    SAME = "same"  # everything that was read is there, and perhaps more
    SHORTER = "shorter"  # it agrees as far as it goes
    OTHER = "other"


class Fingerprint:
    """Hashes of what was read up to ``position``."""

    def __init__(self, marks: dict[int, str] | None = None, position: int = 0) -> None:
        """A fingerprint with these hashes by offset."""
        self.position = position
        self.marks = marks or {}
        self._birth = max(self.marks, default=0) if position == 0 else 0
        self._end = position
        self._tail = b""

    @classmethod
    def of_new(cls, head: bytes) -> Fingerprint:
        """The fingerprint of a file of which nothing was read yet, told apart by its first bytes."""
        head = head[:WINDOW]
        offsets = [*_powers(0, len(head)), len(head)]
        return cls({offset: _digest(head[:offset]) for offset in offsets})

    @classmethod
    def from_text(cls, text: str, position: int) -> Fingerprint:
        """The fingerprint that ``to_text`` wrote."""
        pairs = (pair.partition(":") for pair in text.split())
        return cls({int(offset): digest for offset, _, digest in pairs}, position)

    def to_text(self) -> str:
        """The hashes up to the position, and the one taken at first sight, in one line."""
        kept = sorted(offset for offset in self.marks if offset <= max(self.position, self._birth))
        return " ".join(f"{offset}:{self.marks[offset]}" for offset in kept)

    def place(self, file: BinaryIO) -> None:
        """Set the file to the position, ready for ``see``."""
        start = max(0, self.position - WINDOW)
        file.seek(start)
        self._tail = file.read(self.position - start)
        self._end = self.position

    def see(self, data: bytes, position: int) -> None:
        """Take in the next bytes read; what lies before ``position`` is used up."""
        joined = self._tail + data
        start = self._end - len(self._tail)
        self._end += len(data)
        for offset in _powers(self._end - len(data), self._end):
            self.marks.setdefault(offset, _window_of(joined, start, offset))
        if position > self.position:
            if not _is_power(self.position):
                self.marks.pop(self.position, None)
            self.marks[position] = _window_of(joined, start, position)
            self.position = position
        self._tail = joined[-WINDOW:]

    def compare(self, file: BinaryIO) -> Likeness:
        """How a file's content compares; the file's place changes."""
        agreed = False
        for offset in sorted(self.marks):
            window = _read_window(file, offset)
            if len(window) < min(offset, WINDOW):
                return Likeness.SHORTER if agreed else Likeness.OTHER
            if _digest(window) != self.marks[offset]:
                return Likeness.OTHER
            agreed = True
        return Likeness.SAME if agreed else Likeness.OTHER


def _read_window(file: BinaryIO, offset: int) -> bytes:
    file.seek(max(0, offset - WINDOW))
    return file.read(min(offset, WINDOW))


def _window_of(data: bytes, start: int, offset: int) -> str:
    end = offset - start
    return _digest(data[max(0, end - WINDOW) : end])


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=_DIGEST_BYTES).hexdigest()


def _is_power(offset: int) -> bool:
    return offset >= _SMALLEST and offset.bit_count() == 1 and offset.bit_length() % 2 == 1


def _powers(after: int, upto: int) -> list[int]:
    """The powers of four from 64 on in ``(after, upto]``."""
    offset = _SMALLEST
    while offset <= after:
        offset *= 4
    found = []
    while offset <= upto:
        found.append(offset)
        offset *= 4
    return found
