"""The file source: looks after the files of its patterns, once or again and again."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from glob import glob
from pathlib import Path
from stat import S_ISREG

import structlog

from collectors.decode_spans import decoded_each
from collectors.record import Checkpoint, RecordBatch
from collectors.sources.config import FileSourceConfig
from collectors.sources.contract import Checkpoints
from collectors.sources.file.container_reading import Decode
from collectors.sources.file.reading import FileReading
from collectors.sources.file.watched import Watched

_log = structlog.get_logger(__name__)


class FileSource:
    """Reads the files of its patterns. Followed files keep their identity through rename, copy and compression."""

    def __init__(self, config: FileSourceConfig, checkpoints: Checkpoints, decode: Decode) -> None:
        """Prepare; ``decode`` opens files that are no plain lines (``collectors.decoders.decode_path``)."""
        self.name = config.name
        self._config = config
        self._checkpoints = checkpoints
        self._decode = decode
        self._watched: dict[str, Watched] = {}
        self._unreadable: set[Path] = set()

    def open(self) -> None:
        """Nothing to do: files are opened as they are found."""

    def batches(self, stop: threading.Event) -> Iterator[RecordBatch]:
        """What the files hold; when following, what is added to them until ``stop``."""
        reading = FileReading(self._config, self._checkpoints, self._decode)
        try:
            while not stop.is_set():
                yield from self._look(reading, stop)
                if not self._config.follow or stop.wait(self._config.poll_seconds):
                    return
        finally:
            self.close()

    def acknowledge(self, checkpoint: Checkpoint) -> None:
        """Nothing to forget: the files belong to others."""

    def take_dropped(self) -> int:
        """Files wait; nothing is dropped."""
        return 0

    def close(self) -> None:
        """Let go of the files."""
        while self._watched:
            self._watched.popitem()[1].file.close()

    def _look(self, reading: FileReading, stop: threading.Event) -> Iterator[RecordBatch]:
        """Read what is new: first in files that have lost their names (a copy of them may be among the others)."""
        found = self._found()
        for inode in self._watched.keys() - found.keys():
            if stop.is_set():
                return
            yield from self._depart(reading, self._watched[inode])
        for inode, path in found.items():
            if stop.is_set():
                return
            try:
                yield from decoded_each(reading.read(self._watch(inode, path), time.monotonic()))
                if not self._config.follow:
                    self._watched.pop(inode).file.close()
            except OSError as error:
                self._complain(path, error)

    def _depart(self, reading: FileReading, watched: Watched) -> Iterator[RecordBatch]:
        """Read on in a file without a name in the patterns until it is quiet, then let go."""
        now = time.monotonic()
        try:
            yield from decoded_each(reading.read(watched, now))
            if now - watched.since < self._config.settle_seconds:
                return
            yield from decoded_each(reading.read(watched, now, last=True))
        except OSError as error:
            self._complain(watched.path, error)
        reading.forget(watched)
        self._watched.pop(watched.inode).file.close()

    def _found(self) -> dict[str, Path]:
        """The files of the patterns by inode, in the order of their names."""
        names = {name for pattern in self._config.paths for name in glob(pattern, recursive=True)}  # noqa: PTH207 (patterns may be absolute)
        found: dict[str, Path] = {}
        for path in map(Path, sorted(names)):
            with suppress(OSError):
                stat = path.stat()
                if S_ISREG(stat.st_mode):
                    found.setdefault(f"{stat.st_dev}:{stat.st_ino}", path)
        return found

    def _watch(self, inode: str, path: Path) -> Watched:
        watched = self._watched.get(inode)
        if watched is None:
            watched = self._watched[inode] = Watched(path, inode, path.open("rb"), time.monotonic())
        watched.path = path
        self._unreadable.discard(path)
        return watched

    def _complain(self, path: Path, error: OSError) -> None:
        """Say once that a file can't be read; one that was moved in between is met again under its new name."""
        if path not in self._unreadable and not isinstance(error, FileNotFoundError):
            self._unreadable.add(path)
            _log.warning("file can't be read", source=self.name, path=str(path), error=error.strerror)
