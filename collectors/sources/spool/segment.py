"""One file of a spool: named by its first sequence number, headed by the spool's id, filled with frames."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from collectors.sources.spool.frame import (
    HEADER_BYTES,
    CorruptFrameError,
    Frame,
    TornFrameError,
    decode,
    payload_length,
)

_MAGIC = b"FENGSUI SPOOL 1\n"
_ID_BYTES = 32
_CHECK_BYTES = 8
START = len(_MAGIC) + _ID_BYTES + _CHECK_BYTES
_SUFFIX = ".segment"


@dataclass(frozen=True, slots=True)
class Scan:
    """What a segment holds: its sound frames end at ``end``; what follows them is cut off or, worse, corrupt."""

    end: int
    next_sequence: int
    is_corrupt: bool


def segment_path(folder: Path, first: int) -> Path:
    """The path of the segment whose first message has the number ``first``."""
    return folder / f"{first:020d}{_SUFFIX}"


def segments(folder: Path) -> list[tuple[int, Path]]:
    """First sequence number and path of every segment, oldest first."""
    return sorted((int(path.name.removesuffix(_SUFFIX)), path) for path in folder.glob(f"*{_SUFFIX}"))


def create_segment(folder: Path, first: int, spool_id: str) -> Path:
    """Create an empty segment; it is on disk, whole, when this returns."""
    path = segment_path(folder, first)
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as file:
        file.write(_head(spool_id))
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    sync_folder(folder)
    return path


def spool_id_of(path: Path) -> str | None:
    """The spool's id in a segment's head; None when the head is damaged."""
    with path.open("rb") as file:
        head = file.read(START)
    id_ = head[len(_MAGIC) : len(_MAGIC) + _ID_BYTES].decode("ascii", "replace")
    return id_ if head == _head(id_) else None


def _head(spool_id: str) -> bytes:
    """Magic, id, and the CRC-32 of both in hexadecimal."""
    named = _MAGIC + spool_id.encode("ascii", "replace")
    return named + f"{zlib.crc32(named):08x}".encode("ascii")


def sync_folder(folder: Path) -> None:
    """Take the folder's entries to disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_frames(file: BinaryIO, sequence: int) -> Iterator[Frame]:
    """The frames from the file's place on; the file stands behind the last sound frame when this ends.

    Raises:
        TornFrameError: the last frame is not whole.
        CorruptFrameError: the next frame is damaged.
    """
    while True:
        start = file.tell()
        try:
            header = file.read(HEADER_BYTES)
            if not header:
                return
            frame = decode(header, file.read(payload_length(header, sequence)))
        except (TornFrameError, CorruptFrameError):
            file.seek(start)
            raise
        yield frame
        sequence += len(frame.messages)


def scan(path: Path, first: int, see: Callable[[Frame], None]) -> Scan:
    """Read a segment to the end of its sound frames, showing each to ``see``."""
    sequence = first
    is_corrupt = False
    with path.open("rb") as file:
        file.seek(START)
        try:
            for frame in read_frames(file, first):
                sequence += len(frame.messages)
                see(frame)
        except TornFrameError:
            pass
        except CorruptFrameError:
            end = file.tell()
            is_corrupt = any(any(chunk) for chunk in iter(lambda: file.read(1 << 20), b""))
            file.seek(end)
        return Scan(file.tell(), sequence, is_corrupt)
