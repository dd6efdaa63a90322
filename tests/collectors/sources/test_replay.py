from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from collectors.decoders import decode_path
from collectors.normalizers.chain import normalize
from collectors.record import RecordBatch
from collectors.sources import Checkpoints, SourceError
from collectors.sources.config import FileSourceConfig
from collectors.sources.replay import DAY_MS, ReplaySource
from events import now_ms, timestamp_ms

DAY = datetime(2024, 3, 1, tzinfo=UTC)


def recorded_day(path: Path, moments: list[datetime]) -> Path:
    lines = [f'{{"time": "{moment.isoformat()}", "n": {number}}}\n' for number, moment in enumerate(moments)]
    path.write_text("".join(lines), encoding="utf-8")
    return path


def replay_of(path: Path, checkpoints: Checkpoints) -> ReplaySource:
    config = FileSourceConfig(name="drill", paths=(str(path),), pace="daily", batch_records=7)
    return ReplaySource(config, checkpoints, decode_path, normalize)


def taken(batches: Iterator[RecordBatch], checkpoints: Checkpoints, number: int) -> list[RecordBatch]:
    """Batches until so many records came; each is delivered, as delivery would."""
    given: list[RecordBatch] = []
    while sum(len(batch.records) for batch in given) < number:
        batch = next(batches)
        if batch.checkpoint:
            checkpoints.save(batch.checkpoint)
        given.append(batch)
    return given


def times_of(batches: list[RecordBatch]) -> list[int]:
    return [
        timestamp_ms(str(record.document["time"])) + batch.shift_ms
        for batch in batches
        for record in batch.records
        if record.document
    ]


def test_the_day_behind_the_start_comes_at_once_in_order_and_at_its_own_times_of_day(
    tmp_path: Path, checkpoints: Checkpoints
) -> None:
    chance = random.Random(5)
    seconds = sorted(chance.sample(range(86_000), 200))
    path = recorded_day(tmp_path / "day.ndjson", [DAY + timedelta(seconds=second) for second in seconds])
    now = now_ms()
    times = times_of(taken(replay_of(path, checkpoints).batches(threading.Event()), checkpoints, 200))
    assert times == sorted(times)
    assert now - DAY_MS - 1000 < times[0]
    assert times[-1] <= now_ms()
    assert sorted(time % DAY_MS // 1000 for time in times) == seconds


def test_a_restart_goes_on_where_the_replay_was(tmp_path: Path, checkpoints: Checkpoints) -> None:
    path = recorded_day(tmp_path / "day.ndjson", [DAY + timedelta(minutes=7 * number) for number in range(200)])
    first = taken(replay_of(path, checkpoints).batches(threading.Event()), checkpoints, 80)
    rest = taken(replay_of(path, checkpoints).batches(threading.Event()), checkpoints, 200 - len(times_of(first)))
    times = times_of(first) + times_of(rest)
    assert len(set(times)) == len(times) == 200
    assert times == sorted(times)


def test_a_record_comes_when_its_time_of_day_does_and_under_another_identity_than_yesterday(
    tmp_path: Path, checkpoints: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = timestamp_ms("2026-05-04T11:59:58.800Z")
    clock = count(start, 100)
    monkeypatch.setattr("collectors.sources.replay.now_ms", lambda: next(clock))
    path = recorded_day(tmp_path / "day.ndjson", [DAY.replace(hour=12)])
    yesterday, today = taken(replay_of(path, checkpoints).batches(threading.Event()), checkpoints, 2)
    assert times_of([yesterday, today]) == [start + 1200 - DAY_MS, start + 1200]
    assert next(clock) > start + 1200
    assert yesterday.identity != today.identity


def test_a_recording_longer_than_a_day_is_refused(tmp_path: Path, checkpoints: Checkpoints) -> None:
    path = recorded_day(tmp_path / "days.ndjson", [DAY, DAY + timedelta(days=1)])
    with pytest.raises(SourceError, match="longer than a day"):
        next(replay_of(path, checkpoints).batches(threading.Event()))


def test_what_could_not_be_decoded_is_replayed_as_a_dead_letter(tmp_path: Path, checkpoints: Checkpoints) -> None:
    path = recorded_day(tmp_path / "day.ndjson", [DAY, DAY + timedelta(hours=1)])
    with path.open("a", encoding="utf-8") as file:
        file.write('{"time": "2024-03-01T02:00:00Z", "n": [' + "[" * 10_000 + "\n")
    batches = taken(replay_of(path, checkpoints).batches(threading.Event()), checkpoints, 2)
    assert sum(len(batch.dead_letters) for batch in batches) == 1
