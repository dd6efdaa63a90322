"""Idempotency keys that a spool has seen: a push that comes again under its key is answered, not taken again."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import orjson

from collectors.sources.spool.frame import Frame
from collectors.sources.spool.segment import sync_folder

_FILE = "keys.json"


@dataclass(frozen=True, slots=True)
class SeenKey:
    """What came under a key: its first sequence number, how many messages, when (ms), and their fingerprint."""

    sequence: int
    count: int
    received_ms: int
    fingerprint: str | None


class SeenKeys:
    """The keys of the last ``keep_ms``, from the frames still spooled and a file for those already deleted."""

    def __init__(self, folder: Path, keep_ms: int, most: int) -> None:
        """Read the file of the folder, if there is one."""
        self._path = folder / _FILE
        self._keep_ms = keep_ms
        self._most = most
        self._seen: dict[str, SeenKey] = {}
        if self._path.exists():
            stored = orjson.loads(self._path.read_bytes())
            self._seen = {key: SeenKey(*values) for key, values in stored.items()}

    def get(self, key: str) -> SeenKey | None:
        """What came under the key, if that is remembered."""
        return self._seen.get(key)

    def add(self, frame: Frame) -> None:
        """Remember a frame's key; the oldest are forgotten when they are too old or too many."""
        if frame.key is None:
            return
        self._seen[frame.key] = SeenKey(frame.sequence, len(frame.messages), frame.received_ms, frame.fingerprint)
        self._forget(frame.received_ms - self._keep_ms)

    def save(self) -> None:
        """Take the keys to disk, before segments that hold them are deleted."""
        fresh = self._path.with_suffix(".new")
        values = {
            key: (seen.sequence, seen.count, seen.received_ms, seen.fingerprint) for key, seen in self._seen.items()
        }
        with fresh.open("wb") as file:
            file.write(orjson.dumps(values))
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(self._path)
        sync_folder(self._path.parent)

    def _forget(self, before_ms: int) -> None:
        """Drop from the front, which is the oldest, what is too old or too many."""
        while self._seen:
            oldest = next(iter(self._seen))
            if self._seen[oldest].received_ms >= before_ms and len(self._seen) <= self._most:
                return
            del self._seen[oldest]
