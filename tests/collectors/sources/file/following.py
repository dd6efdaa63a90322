"""A file source that is followed a look at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from collectors.decoders import decode_path
from collectors.record import DeadLetter, RecordBatch
from collectors.sources import Checkpoints
from collectors.sources.config import FileSourceConfig
from collectors.sources.file import FileSource
from tests.patience import PATIENCE_SECONDS


class Follower:
    """A followed source that is looked at when the test says so; everything given is delivered at once."""

    def __init__(self, folder: Path, checkpoints: Checkpoints, **settings: object) -> None:
        quick = {"follow": True, "poll_seconds": 0.001, "settle_seconds": 0, "batch_records": 3}
        named = {"name": "logs", "paths": [str(folder / "app.log*")]}
        self.config = FileSourceConfig.model_validate({**quick, **named, **settings})
        self.checkpoints = checkpoints
        self.given: list[tuple[str, int, bytes]] = []
        self.dead: list[DeadLetter] = []
        self.start()

    def start(self) -> None:
        self.stop = threading.Event()
        self.source = FileSource(self.config, self.checkpoints, decode_path)
        self.stop.wait = self._no_wait  # type: ignore[method-assign]  # (waits as the test says)
        self.looks = 0
        self.batches = self.source.batches(self.stop)

    def _no_wait(self, _seconds: float | None = None) -> bool:
        self.looks += 1
        return self.stop.is_set() or self.looks >= self.until

    def end(self) -> None:
        self.batches.close()
        self.source.close()

    def restart(self) -> None:
        self.look()
        self.end()
        self.start()

    def look(self, times: int = 2) -> None:
        """Let the source look at its files; it is then started anew, as after a crash that lost nothing delivered."""
        self.looks, self.until = 0, times
        for batch in self.batches:
            self.take(batch)
        self.start()

    def take(self, batch: RecordBatch) -> None:
        self.given += [(batch.identity, record.position, record.raw) for record in batch.records]
        self.dead += batch.dead_letters
        if batch.checkpoint is not None:
            self.checkpoints.save(batch.checkpoint)

    @property
    def lines(self) -> list[bytes]:
        return [raw for _, _, raw in self.given]


class Living(Follower):
    """A followed source in a thread, whose memory of inodes and open files lasts."""

    def start(self) -> None:
        self.stop = threading.Event()
        self.source = FileSource(self.config, self.checkpoints, decode_path)
        self.gate = threading.Semaphore(0)
        self.idle = threading.Event()
        self.stop.wait = self._pause  # type: ignore[method-assign]  # (waits as the test says)
        self.thread = threading.Thread(target=self._run)
        self.thread.start()
        self.idle.wait(PATIENCE_SECONDS)

    def _pause(self, _seconds: float | None = None) -> bool:
        self.idle.set()
        self.gate.acquire()
        return self.stop.is_set()

    def _run(self) -> None:
        for batch in self.source.batches(self.stop):
            self.take(batch)

    def look(self, times: int = 2) -> None:
        for _ in range(times):
            self.idle.clear()
            self.gate.release()
            assert self.idle.wait(PATIENCE_SECONDS)

    def restart(self) -> None:
        self.end()
        self.start()

    def end(self) -> None:
        self.stop.set()
        self.gate.release()
        self.thread.join(PATIENCE_SECONDS)
        assert not self.thread.is_alive()


Follow = Callable[..., Follower]


def append(path: Path, *lines: bytes) -> None:
    with path.open("ab") as file:
        file.write(b"".join(line + b"\n" for line in lines))


def numbered(start: int, end: int) -> list[bytes]:
    return [b"2026-01-01T00:00:00Z host app: line %d" % number for number in range(start, end)]
