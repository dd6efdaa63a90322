"""A stretch of a stream, seen through a cursor: what a splitter looks at while it seeks the end of a record."""

from __future__ import annotations

from collectors.decoders.byte_source import READ_BYTES, ByteSource
from collectors.record import DEAD_LETTER_BYTES, DeadLetter, Reason

_MOST_AHEAD = 1 << 22


class Window:
    """Holds a stream from the start of the record in progress to as far as it was read.

    Args:
        source: the stream.
        limit: longest record; of a longer one only the head is kept.
        decoder: name that dead letters carry.

    Attributes:
        buffer: the bytes held.
        place: the cursor, an index into ``buffer``.
    """

    def __init__(self, source: ByteSource, limit: int, decoder: str) -> None:
        self._source = source
        self._limit = limit
        self._decoder = decoder
        self._base = source.position
        self._start: int | None = None
        self._head: bytes | None = None
        self.buffer = b""
        self.place = 0

    @property
    def offset(self) -> int:
        """Where the cursor is in the stream."""
        return self._base + self.place

    @property
    def start(self) -> int:
        """Where the record in progress began in the stream."""
        return self.offset if self._start is None else self._start

    def begin(self) -> None:
        """Begin a record at the cursor."""
        self._start, self._head = self.offset, None

    def fill(self) -> bool:
        """Read more, forgetting what lies before the record in progress; False at the end of the stream."""
        if self._start is not None and self._head is None and self.offset - self._start > self._limit:
            self._head = self.held()[:DEAD_LETTER_BYTES]
        keep = self.place if self._start is None or self._head is not None else self._start - self._base
        parts = [self.buffer[keep:]]
        wanted = max(READ_BYTES, min(len(parts[0]), _MOST_AHEAD))
        while wanted > 0 and (data := self._source.read(wanted)):
            parts.append(data)
            wanted -= len(data)
        self.buffer = b"".join(parts)
        self._base += keep
        self.place -= keep
        return len(parts) > 1

    def end(self) -> bytes | DeadLetter:
        """End the record before the cursor: its bytes, or a dead letter where it is too large."""
        length = self.offset - self.start
        if length > self._limit:
            detail = f"a record of {length} bytes, longer than the {self._limit} allowed (record.bytes)"
            return self.give_up(Reason.TOO_LARGE, detail)
        raw = self.held()
        self._start = None
        return raw

    def give_up(self, reason: Reason, detail: str) -> DeadLetter:
        """End the record before the cursor as a dead letter."""
        position, length = self.start, self.offset - self.start
        raw = self._head if self._head is not None else self.held()[:DEAD_LETTER_BYTES]
        self._start = self._head = None
        return DeadLetter(position, reason, detail, raw, length, self._decoder)

    def held(self) -> bytes:
        """What is held of the record in progress, up to the cursor."""
        return self.buffer[max(self.start - self._base, 0) : self.place]
