"""A recording replayed in the rhythm of its own times, moved to the present if asked.

The recording is read once as a whole to learn its times, so it has to fit in memory: this is for samples and drills.
When it began and by how much its times are moved is kept in the checkpoint, so a restart goes on in the same replay.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from glob import glob
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Protocol

from collectors.normalizers.contract import SourceContext
from collectors.record import Checkpoint, NormalizedBatch, Record, RecordBatch
from collectors.sources.config import FileSourceConfig
from collectors.sources.contract import Checkpoints
from collectors.sources.file.container_reading import ContainerProgress, Decode, container_identity, read_container
from collectors.sources.file.line_reading import BatchStyle
from events import event_id, now_ms, timestamp_ms

_LONGEST_WAIT_SECONDS = 0.5


class Normalize(Protocol):
    """Records to events (``collectors.normalizers.chain.normalize``)."""

    def __call__(self, batch: RecordBatch, context: SourceContext, format: str | None = None, /) -> NormalizedBatch:  # noqa: A002 (the command line's own word)
        """Events in the order of the records."""


@dataclass(frozen=True, slots=True)
class _Timed:
    """A record of a recording, when it happened (ms) and the batch it was read in."""

    time_ms: int
    batch: RecordBatch
    record: Record


@dataclass(frozen=True, slots=True)
class _Run:
    """One replay: its name, when it began, and what is added to its times (ms)."""

    identity: str
    started_ms: int
    shift_ms: int


class ReplaySource:
    """Replays the files of a configuration with ``pace = "recorded"`` together, by time, and ends."""

    def __init__(
        self, config: FileSourceConfig, checkpoints: Checkpoints, decode: Decode, normalize: Normalize
    ) -> None:
        """Prepare; the recording is read when the first batch is asked for."""
        self.name = config.name
        self._config = config
        self._checkpoints = checkpoints
        self._decode = decode
        self._normalize = normalize

    def open(self) -> None:
        """Nothing to do."""

    def batches(self, stop: threading.Event) -> Iterator[RecordBatch]:
        """The records as they fall due, until all are given or ``stop``."""
        paths = sorted(Path(name) for pattern in self._config.paths for name in glob(pattern, recursive=True))  # noqa: PTH207 (patterns may be absolute)
        recording = sorted(self._read([path for path in paths if path.is_file()]), key=attrgetter("time_ms"))
        if not recording:
            return
        run, given = self._run(recording, paths)
        first = recording[0].time_ms
        while given < len(recording) and not stop.is_set():
            now = (now_ms() - run.started_ms) * self._config.speed + first
            due = [item for item in recording[given : given + self._config.batch_records] if item.time_ms <= now]
            given += len(due)
            if due:
                yield from self._batches(due, run, given)
            else:
                wait = (recording[given].time_ms - now) / self._config.speed / 1000
                stop.wait(min(wait, _LONGEST_WAIT_SECONDS))

    def acknowledge(self, checkpoint: Checkpoint) -> None:
        """Nothing to forget: the files belong to others."""

    def take_dropped(self) -> int:
        """Files wait; nothing is dropped."""
        return 0

    def close(self) -> None:
        """Nothing to release."""

    def _read(self, paths: list[Path]) -> Iterator[_Timed]:
        for path in paths:
            style = BatchStyle(
                self.name, self._config.batch_records, self._config.format, int(path.stat().st_mtime * 1000)
            )
            progress = ContainerProgress(path.name)
            earliest = 0
            for batch in read_container(path, progress, self._decode, style):
                times = self._times(batch)
                for record in batch.records:
                    earliest = times.get(event_id(batch.identity, record.position, record.raw), earliest)
                    yield _Timed(earliest, batch, record)

    def _times(self, batch: RecordBatch) -> dict[str, int]:
        """When each event of a batch happened, by its id."""
        context = SourceContext(self.name, batch.identity, self._config.zone, batch.reference_ms)
        events = self._normalize(batch, context, batch.format).events
        return {str(event["event.id"]): timestamp_ms(str(event["@timestamp"])) for event in events}

    def _run(self, recording: list[_Timed], paths: list[Path]) -> tuple[_Run, int]:
        """The replay of these files that was begun, or a new one, and how many records it has given."""
        digest = hashlib.blake2b("".join(map(container_identity, paths)).encode(), digest_size=16)
        identity = f"replay:{digest.hexdigest()}"
        for checkpoint in self._checkpoints.load(self.name):
            if checkpoint.identity == identity:
                state = checkpoint.state
                return _Run(identity, int(state["started"] or 0), int(state["shift"] or 0)), checkpoint.position
        started = now_ms()
        length = int((recording[-1].time_ms - recording[0].time_ms) / self._config.speed)
        shift = started + length - recording[-1].time_ms if self._config.rebase else 0
        run = _Run(identity, started, shift)
        self._checkpoints.save(self._checkpoint(run, 0))
        return run, 0

    def _batches(self, due: list[_Timed], run: _Run, given: int) -> Iterator[RecordBatch]:
        """What is due, a batch a stream; the last carries the checkpoint of them all."""
        batches = []
        for _, group in groupby(sorted(due, key=lambda item: item.batch.identity), lambda item: item.batch.identity):
            items = list(group)
            records = [item.record for item in items]
            batches.append(
                replace(items[0].batch, records=records, dead_letters=[], checkpoint=None, shift_ms=run.shift_ms)
            )
        batches[-1] = replace(batches[-1], checkpoint=self._checkpoint(run, given))
        yield from batches

    def _checkpoint(self, run: _Run, given: int) -> Checkpoint:
        return Checkpoint(self.name, run.identity, given, {"started": run.started_ms, "shift": run.shift_ms})
