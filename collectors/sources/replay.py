"""A recorded day that happens every day: for samples and drills.

Each record comes at its own time of day, moved by whole days, so that rules about hours mean what they meant. A replay
begins with the day that lies behind its start, given at once; from then on records come as their moment does, day after
day. The recording is held in memory. Which day came first is kept in the checkpoint, so a restart goes on in the same
replay, and every day's records have ids of their own.
"""

from __future__ import annotations

import hashlib
import threading
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from glob import glob
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from collectors.record import Checkpoint, DeadLetter, Record, RecordBatch
from collectors.sources.config import FileSourceConfig
from collectors.sources.contract import Checkpoints, SourceError
from collectors.sources.file.container_reading import Decode, container_identity
from collectors.sources.recording import Normalize, RecordedItem, read_recording
from events import now_ms

DAY_MS = 86_400_000
_LONGEST_WAIT_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class _Replay:
    """One replay of a recording: its name, and by how many days its first round is moved."""

    identity: str
    first_days: int
    recording: list[RecordedItem]

    def days(self, given: int) -> int:
        """By how many days the item after ``given`` others is moved."""
        return self.first_days + given // len(self.recording)

    def due_ms(self, given: int) -> int:
        """When the item after ``given`` others falls due."""
        return self.recording[given % len(self.recording)].time_ms + self.days(given) * DAY_MS


class ReplaySource:
    """Replays the files of a configuration with ``pace = "daily"`` together, by time, until it is stopped."""

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
        """The records as they fall due, until ``stop``.

        Raises:
            SourceError: the recording is longer than a day.
        """
        names = (name for pattern in self._config.paths for name in glob(pattern, recursive=True))  # noqa: PTH207 (patterns may be absolute)
        paths = sorted(path for path in map(Path, names) if path.is_file())
        recording = read_recording(self._config, paths, self._decode, self._normalize)
        if not recording:
            return
        replay, given = self._take_up(recording, paths)
        while not stop.is_set():
            due = self._due(replay, given)
            if due:
                yield from self._batches(replay, given, due)
                given += due
            else:
                stop.wait(min((replay.due_ms(given) - now_ms()) / 1000, _LONGEST_WAIT_SECONDS))

    def acknowledge(self, checkpoint: Checkpoint) -> None:
        """Nothing to forget: the files belong to others."""

    def take_dropped(self) -> int:
        """Files wait; nothing is dropped."""
        return 0

    def close(self) -> None:
        """Nothing to release."""

    def _take_up(self, recording: list[RecordedItem], paths: list[Path]) -> tuple[_Replay, int]:
        """The replay of these files that was begun, or a new one, and how many items it has given."""
        digest = hashlib.blake2b("".join(map(container_identity, paths)).encode(), digest_size=16)
        identity = f"replay:{digest.hexdigest()}"
        for checkpoint in self._checkpoints.load(self.name):
            if checkpoint.identity == identity:
                return _Replay(identity, int(checkpoint.state["first_days"] or 0), recording), checkpoint.position
        first = recording[0].time_ms
        if recording[-1].time_ms - first >= DAY_MS:
            raise SourceError(f"{self.name}: the recording is longer than a day; cut it, or read it at full pace")
        begin = now_ms() - DAY_MS
        replay = _Replay(identity, (begin - first) // DAY_MS, recording)
        given = bisect_right(recording, begin - replay.first_days * DAY_MS, key=attrgetter("time_ms"))
        self._checkpoints.save(self._checkpoint(replay, given))
        return replay, given

    def _due(self, replay: _Replay, given: int) -> int:
        """How many items, of one round and at most a batch, are due."""
        now = now_ms()
        left = len(replay.recording) - given % len(replay.recording)
        most = min(left, self._config.batch_records)
        return bisect_right(range(most), now, key=lambda ahead: replay.due_ms(given + ahead))

    def _batches(self, replay: _Replay, given: int, due: int) -> Iterator[RecordBatch]:
        """What is due, a batch a stream; the last carries the checkpoint of them all."""
        start = given % len(replay.recording)
        items = sorted(replay.recording[start : start + due], key=attrgetter("identity"))
        groups = [list(group) for _, group in groupby(items, attrgetter("identity"))]
        for group in groups:
            checkpoint = self._checkpoint(replay, given + due) if group is groups[-1] else None
            yield self._batch(group, replay.days(given), checkpoint)

    def _batch(self, group: list[RecordedItem], days: int, checkpoint: Checkpoint | None) -> RecordBatch:
        """The items of one stream, under an identity that is the stream's on that day."""
        return RecordBatch(
            self.name,
            f"{group[0].identity}+{days}d",
            [each.item for each in group if isinstance(each.item, Record)],
            [each.item for each in group if isinstance(each.item, DeadLetter)],
            checkpoint,
            self._config.format,
            group[0].reference_ms,
            days * DAY_MS,
        )

    def _checkpoint(self, replay: _Replay, given: int) -> Checkpoint:
        return Checkpoint(self.name, replay.identity, given, {"first_days": replay.first_days})
