"""Reading a spool in order, from any sequence number on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from collectors.record import DEAD_LETTER_BYTES
from collectors.sources.spool.frame import CorruptFrameError, Frame, Message, TornFrameError
from collectors.sources.spool.segment import START, read_frames, segments
from collectors.sources.spool.spool import Spool


@dataclass(frozen=True, slots=True)
class SpooledMessage:
    """A message with its sequence number and when it came (ms since 1970 UTC)."""

    sequence: int
    received_ms: int
    message: Message


@dataclass(frozen=True, slots=True)
class Corruption:
    """The rest of a segment that can't be read: what is left of it, at most ``DEAD_LETTER_BYTES``, and its length."""

    sequence: int
    next_sequence: int
    raw: bytes
    length: int


class SpoolReader:
    """Reads what is on disk, each message once. A number that is missing was in a segment that can't be read."""

    def __init__(self, spool: Spool, position: int) -> None:
        """Start at the first message whose number is not below ``position``."""
        self._spool = spool
        self.position = position
        self._place: tuple[Path, int, int] | None = None  # segment, offset and number of the next frame

    def read(self, most: int) -> Iterator[SpooledMessage | Corruption]:
        """About ``most`` messages that are on disk and not read yet (a frame is not divided)."""
        given = 0
        while given < most and self.position < self._spool.synced:
            before = self.position
            found = list(self._from_segment(most - given))
            if not found and self.position == before:
                return
            given += len(found)
            yield from found

    def _from_segment(self, most: int) -> Iterator[SpooledMessage | Corruption]:
        current = self._current()
        if current is None:
            return
        path, offset, sequence, following = current
        with path.open("rb") as file:
            file.seek(offset)
            taken = 0
            try:
                for frame in read_frames(file, sequence):
                    if frame.sequence >= self._spool.synced:
                        break
                    sequence = frame.sequence + len(frame.messages)
                    self._place = (path, file.tell(), sequence)
                    for spooled in self._unread(frame):
                        taken += 1
                        yield spooled
                    if taken >= most:
                        return
            except (CorruptFrameError, TornFrameError):
                if following is not None:
                    raw = file.read(DEAD_LETTER_BYTES)
                    yield Corruption(sequence, following, raw, path.stat().st_size - file.tell() + len(raw))
        if following is not None and taken < most:
            self.position = max(self.position, following)
            self._place = None

    def _unread(self, frame: Frame) -> Iterator[SpooledMessage]:
        for number, message in enumerate(frame.messages, frame.sequence):
            if number >= self.position:
                self.position = number + 1
                yield SpooledMessage(number, frame.received_ms, message)

    def _current(self) -> tuple[Path, int, int, int | None] | None:
        """Segment to read, where in it, the number there, and the number with which the next segment begins."""
        found = segments(self._spool.folder)
        for (first, path), (following, _) in zip(found, [*found[1:], (None, None)], strict=True):
            if following is not None and following <= self.position:
                continue
            if self._place is not None and self._place[0] == path:
                return (*self._place, following)
            return path, START, first, following
        return None
