"""The embedded engine when processes die, readers look on and days come and go."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from events import event_id
from store import EmbeddedEventStore, StoreError, StoreLockedError, Window, parse_query
from store.query import MatchAll

from .batch_writer import BATCH_EVENTS, BATCHES, POLICY, batch
from .conftest import MakeEvent

WRITER = Path(__file__).with_name("batch_writer.py")
ALL_IDS = BATCHES * (BATCH_EVENTS - 1) + 1
PAGE = 10_000


def _held(folder: Path) -> Counter[str]:
    with closing(EmbeddedEventStore(folder, "read")) as store:
        return Counter(str(event["event.id"]) for event in store.search(MatchAll(), Window(), limit=PAGE).events)


def _full_disk(failing: str, *folders: Path) -> None:
    if any(folder.parent.name == failing for folder in folders):
        raise OSError("no space left on device")


@pytest.mark.fault
def test_killed_at_any_moment_a_replay_makes_each_event_exactly_once(tmp_path: Path) -> None:
    chance = random.Random(7)
    for kill in range(10):
        command = [sys.executable, "-X", "faulthandler", str(WRITER), str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "open\n"
            waited = [writer.stdout.readline() for _ in range(chance.randrange(BATCHES))]
            time.sleep(chance.uniform(0, 0.1))
            writer.kill()
            acknowledged = len(waited) + len(writer.stdout.readlines())
        held = _held(tmp_path)
        promised = {str(event["event.id"]) for number in range(acknowledged) for event in batch(number)}
        assert promised <= set(held)
        assert set(held.values()) <= {1}
        if kill % 4 == 3:
            shutil.rmtree(tmp_path)
    with closing(EmbeddedEventStore(tmp_path, "write", POLICY)) as store:
        for number in range(BATCHES):
            store.write(batch(number))
    assert _held(tmp_path) == Counter({f"{place:032x}": 1 for place in range(ALL_IDS)})


@pytest.mark.parametrize("failing", ["standard", "access"])
def test_a_batch_of_which_an_index_fails_is_whole_when_written_again(
    tmp_path: Path, make_event: MakeEvent, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    kinds = ["gateway.http", "windows"]
    events = [make_event(number, event__dataset=kinds[number % 3 == 0]) for number in range(30)]
    events += [make_event(number, event__dataset=kinds[number % 3 != 0]) for number in range(30)]
    with closing(EmbeddedEventStore(tmp_path, "write", POLICY)) as store:
        with monkeypatch.context() as patch:
            patch.setattr("store.embedded.writer.sync", partial(_full_disk, failing))
            with pytest.raises(StoreError, match=f"{failing}.*make space"):
                store.write(events)
        again = store.write(events)
        assert again.created + again.existing == 60
        assert sum(day.events for day in store.days()) == 30
    assert _held(tmp_path) == Counter({str(event["event.id"]): 1 for event in events[:30]})


def test_what_a_crash_left_half_made_is_cleared(tmp_path: Path, make_event: MakeEvent) -> None:
    with closing(EmbeddedEventStore(tmp_path, "write", POLICY)) as store:
        store.write([make_event(1)])
    half_made = tmp_path / "standard" / ".new-2023-11-15"
    half_made.mkdir()
    (half_made / "meta.json").write_text("{")
    dropped = tmp_path / "standard" / ".dropped-2023-11-13"
    shutil.copytree(tmp_path / "standard" / "2023-11-14", dropped)
    assert len(_held(tmp_path)) == 1
    with closing(EmbeddedEventStore(tmp_path, "write", POLICY)) as store:
        assert not half_made.exists()
        assert not dropped.exists()
        assert store.write([make_event(1), make_event(20)]).created == 1


def test_there_is_one_writer_and_its_lock_dies_with_it(tmp_path: Path, make_event: MakeEvent) -> None:
    with closing(EmbeddedEventStore(tmp_path, "write")), pytest.raises(StoreLockedError, match="another process"):
        EmbeddedEventStore(tmp_path, "write")
    command = [sys.executable, str(WRITER), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        with pytest.raises(StoreLockedError):
            EmbeddedEventStore(tmp_path, "write")
        writer.kill()
    with closing(EmbeddedEventStore(tmp_path, "write")) as store:
        assert store.write([make_event(1)]).created == 1
    with closing(EmbeddedEventStore(tmp_path, "read")) as reader, pytest.raises(StoreError, match="mode='write'"):
        reader.write([make_event(2)])


def test_a_reader_in_another_process_sees_every_commit_and_every_new_day(tmp_path: Path) -> None:
    with closing(EmbeddedEventStore(tmp_path, "read")) as reader:
        assert reader.search(MatchAll(), Window()).total == 0
        command = [sys.executable, str(WRITER), str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            for line in writer.stdout:
                promised = (int(line) + 1) * (BATCH_EVENTS - 1) + 1
                assert reader.search(parse_query('message:"' + "x" * 200 + '"'), Window(), limit=1).total >= promised
        assert reader.search(MatchAll(), Window()).total == ALL_IDS
        assert len(reader.days()) == 10


def test_many_small_commits_leave_few_segments_and_handles(tmp_path: Path) -> None:
    with closing(EmbeddedEventStore(tmp_path, "write")) as store:
        for number in range(300):
            ident = event_id("test", number, b"")
            stamp = f"2023-11-{14 + number % 2}T00:00:{number % 60:02d}.000Z"
            assert store.write([{"@timestamp": stamp, "event.id": ident}]).created == 1
            if number % 50 == 0:
                assert store.search(MatchAll(), Window()).total == number + 1
        handles = len(list(Path("/proc/self/fd").iterdir()))
    segments = list(tmp_path.glob("standard/*/*.store"))
    assert len(segments) <= 2 * 16
    assert handles < 200
    assert sum(_held(tmp_path).values()) == 300


def test_writing_to_hundreds_of_days_keeps_few_writers_open(tmp_path: Path, make_event: MakeEvent) -> None:
    with closing(EmbeddedEventStore(tmp_path, "write")) as store:
        before = len(list(Path("/proc/self/task").iterdir()))
        store.write([make_event(24 * day) for day in range(30)])
        assert len(list(Path("/proc/self/task").iterdir())) - before < 150
        assert store.search(MatchAll(), Window()).total == 30
        page = store.search(parse_query("@timestamp:[2023-12-01 TO 2023-12-02]"), Window())
        assert page.total == 2
