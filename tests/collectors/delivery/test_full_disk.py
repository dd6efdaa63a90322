"""A disk that is full makes the sources wait; once there is room, everything is there, once."""

from __future__ import annotations

import os
import random
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from collectors.collect import Collector
from collectors.decoders import decode_path
from collectors.delivery import Delivery, DeliverySettings, Pipeline, Stages
from collectors.delivery.checkpoints import RecordedCheckpoints
from collectors.sources.config import FileSourceConfig
from collectors.sources.file import FileSource
from store.embedded import EmbeddedEventStore
from store.event_store import Window
from store.query.tree import Exists
from tests.patience import PATIENCE_SECONDS

LINES = 4_000


def _mount(*arguments: str) -> bool:
    return subprocess.run(["mount", *arguments], check=False, capture_output=True).returncode == 0  # noqa: S607 (the system's own)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or not _mount("-t", "tmpfs", "-o", "size=1500k", "tmpfs", str(folder)):
        pytest.skip("needs the right to mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)  # noqa: S607 (the system's own)


@pytest.mark.fault
def test_a_full_disk_loses_nothing(tmp_path: Path, small_disk: Path, plain: ModuleType) -> None:
    dice = random.Random(3)
    log = tmp_path / "app.log"
    log.write_text("".join(f'{{"t":1767225600,"n":{n},"x":"{dice.randbytes(200).hex()}"}}\n' for n in range(LINES)))
    records = plain.open_records(f"sqlite:///{small_disk / 'records.db'}")
    store = EmbeddedEventStore(small_disk / "events")
    pipeline = Pipeline(Stages(plain.normalize, store, plain.match, plain.record_alerts), records)
    settings = DeliverySettings(group_records=200, queue_records=400, retry_longest_seconds=0.3)
    delivery = Delivery(pipeline, settings)
    config = FileSourceConfig(name="logs", paths=(str(log),), batch_records=100)
    collector = Collector([FileSource(config, RecordedCheckpoints(records), decode_path)], delivery, records)
    collector.start()
    _await(lambda: delivery.last_error is not None)
    assert _mount("-o", "remount,size=200m", str(small_disk))
    _await(lambda: delivery.last_error is None)
    collector.wait()
    collector.stop()
    events = store.search(Exists("event.id"), Window(), limit=10_000).events
    assert sorted(str(event["event.original"]) for event in events) == sorted(log.read_text().splitlines())
    assert len(plain.alerts(records)) == len(set(plain.alerts(records))) == LINES // 10
    store.close()
    records.close()


def _await(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.01)
