"""The file source: looks after the files of its patterns, once or again and again."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from glob import glob
from pathlib import Path

import structlog

from collectors.record import Checkpoint, RecordBatch
from collectors.sources.config import FileSourceConfig
from collectors.sources.contract import Checkpoints
from collectors.sources.file.container_reading import Decode
from collectors.sources.file.reading import FileReading
from collectors.sources.file.watched import Watched, inode_of

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
        """Read what is new in each file, then the rest of those that have lost their names."""
        present = set()
        for path in self._paths():
            if stop.is_set():
                return
            try:
                watched = self._watch(path)
                present.add(watched.inode)
                yield from reading.read(watched, time.monotonic())
                if not self._config.follow:
                    self._watched.pop(watched.inode).file.close()
            except OSError as error:
                self._complain(path, error)
        for inode in self._watched.keys() - present:
            if stop.is_set():
                return
            yield from self._depart(reading, self._watched[inode])

    def _depart(self, reading: FileReading, watched: Watched) -> Iterator[RecordBatch]:
        """Read on in a file without a name in the patterns until it is quiet, then let go."""
        now = time.monotonic()
        try:
            yield from reading.read(watched, now)
            if now - watched.since < self._config.settle_seconds:
                return
            yield from reading.read(watched, now, last=True)
        except OSError as error:
            self._complain(watched.path, error)
        reading.forget(watched)
        self._watched.pop(watched.inode).file.close()

    def _paths(self) -> list[Path]:
        found = {Path(name) for pattern in self._config.paths for name in glob(pattern, recursive=True)}  # noqa: PTH207 (patterns may be absolute)
        return sorted(path for path in found if path.is_file())

    def _watch(self, path: Path) -> Watched:
        inode = inode_of(path)
        watched = self._watched.get(inode)
        if watched is None:
            watched = Watched(path, inode, path.open("rb"), time.monotonic())
            self._watched[inode] = watched
        watched.path = path
        self._unreadable.discard(path)
        return watched

    def _complain(self, path: Path, error: OSError) -> None:
        """Say once that a file can't be read; one that was moved in between is met again under its new name."""
        if path not in self._unreadable and not isinstance(error, FileNotFoundError):
            self._unreadable.add(path)
            _log.warning("file can't be read", source=self.name, path=str(path), error=error.strerror)
