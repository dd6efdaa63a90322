"""The collector runs its sources to their end, says why one fails, and counts what is dropped for good."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from collectors.collect import Activity, Collector
from collectors.delivery import Delivery, Pipeline, repository
from collectors.record import Checkpoint, RecordBatch
from collectors.sources import SourceError
from events import now_ms
from store.embedded import EmbeddedEventStore
from store.records import RecordsDatabase
from tests.collectors.delivery.batches import FAST, batch, numbers, stored


class Scripted:
    """A source that gives what it is told, and may fail first."""

    name = "s"

    def __init__(self, batches: list[RecordBatch], failures: int = 0) -> None:
        self.script, self.failures, self.acknowledged, self.closed = batches, failures, [], 0

    def open(self) -> None: ...

    def batches(self, stop: threading.Event) -> Iterator[RecordBatch]:  # noqa: ARG002 (a source's signature)
        yield from self.script
        if self.failures:
            self.failures -= 1
            raise OSError("gone")

    def acknowledge(self, checkpoint: Checkpoint) -> None:
        self.acknowledged.append(checkpoint.position)

    def take_dropped(self) -> int:
        return 0

    def close(self) -> None:
        self.closed += 1


def test_collector_runs_sources_to_their_end(
    pipeline: Pipeline[list[str]], records: RecordsDatabase, store: EmbeddedEventStore
) -> None:
    before = threading.active_count()
    source = Scripted([batch(start, *numbers(start, start + 4)) for start in range(0, 40, 4)])
    collector = Collector([source], Delivery(pipeline, FAST), records)
    collector.start()
    collector.wait()
    assert [state.activity for state in collector.status()] == [Activity.ENDED]
    collector.stop()
    assert len(stored(store)) == 40
    assert source.acknowledged == list(range(4, 41, 4))
    assert source.closed == 1
    assert threading.active_count() == before
    with records.read() as session:
        assert repository.source_statuses(session)[0].dropped == 0


def test_a_source_that_fails_goes_on_where_it_was_and_says_why(
    pipeline: Pipeline[list[str]],
    records: RecordsDatabase,
    store: EmbeddedEventStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("collectors.collect._RETRY_SECONDS", 0.01)
    source = Scripted([batch(start, *numbers(start, start + 4)) for start in range(0, 40, 4)], failures=2)
    collector = Collector([source], Delivery(pipeline, FAST), records)
    collector.start()
    collector.wait()
    collector.stop()
    assert len(stored(store)) == 40
    with records.read() as session:
        [status] = repository.source_statuses(session)
    assert status.last_error == "OSError"
    assert status.last_error_ms is not None


def test_a_source_that_cannot_open_stops_the_start(pipeline: Pipeline[list[str]], records: RecordsDatabase) -> None:
    class Shut(Scripted):
        def open(self) -> None:
            raise SourceError("port 514: taken; free it")

    good, shut = Scripted([]), Shut([])
    with pytest.raises(SourceError, match="port 514"):
        Collector([good, shut], Delivery(pipeline, FAST), records).start()
    assert (good.closed, shut.closed) == (1, 1)


def test_dropped_messages_are_counted_for_good(pipeline: Pipeline[list[str]], records: RecordsDatabase) -> None:
    class Dropping(Scripted):
        def take_dropped(self) -> int:
            return 3 if not self.closed else 0

    source = Dropping([])
    collector = Collector([source], Delivery(pipeline, FAST), records)
    collector.start()
    collector.wait()
    collector.stop()
    with records.read() as session:
        [status] = repository.source_statuses(session)
    assert status.dropped == 3


def test_what_a_broker_gives_again_is_not_counted_again_but_what_a_topic_made_anew_holds_is(
    pipeline: Pipeline[list[str]], records: RecordsDatabase, store: EmbeddedEventStore
) -> None:
    def given(start: int, sent_ms: int) -> RecordBatch:
        done = Checkpoint("kafka", "records/0", start + 1, sent_ms=sent_ms)
        return replace(batch(start, *numbers(start, start + 1), b"no json"), checkpoint=done)

    first = [given(number, now_ms()) for number in range(5)]
    pipeline.deliver(first)
    pipeline.deliver(first[2:])  # killed before the broker was told
    pipeline.deliver([first[4], given(5, now_ms())])
    assert len(stored(store)) == 6
    assert _totals(records) == (6, 6)
    pipeline.deliver([given(0, now_ms() + 1_000), given(1, now_ms() + 1_000)])
    assert _totals(records) == (8, 8)


def _totals(records: RecordsDatabase) -> tuple[int, int]:
    with records.read() as session:
        [status] = repository.source_statuses(session)
    return status.events, status.dead_letters
