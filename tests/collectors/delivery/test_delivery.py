"""Delivery loses nothing and doubles nothing, whatever fails in between."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import ModuleType

import pytest
from sqlalchemy.orm import Session

from collectors.collect import Activity, Collector
from collectors.delivery import (
    Delivered,
    Delivery,
    DeliverySettings,
    DeliveryStoppedError,
    Pipeline,
    Stages,
    repository,
)
from collectors.delivery.models import LetterState
from collectors.record import Checkpoint, Reason, Record, RecordBatch
from collectors.sources import SourceError
from events import Event, now_ms
from store.embedded import EmbeddedEventStore
from store.event_store import WriteResult
from store.records import RecordsDatabase
from tests.collectors.delivery.batches import batch, letters, numbers, stored
from tests.patience import PATIENCE_SECONDS

FAST = DeliverySettings(linger_seconds=0, retry_first_seconds=0.01, retry_longest_seconds=0.02)


def test_events_alerts_letters_and_checkpoint_arrive_together(
    pipeline: Pipeline[list[str]], records: RecordsDatabase, store: EmbeddedEventStore, plain: ModuleType
) -> None:
    pipeline.deliver([batch(0, *numbers(0, 10), b"no json")])
    assert [event["message"] for event in stored(store)] == [f"number {number}" for number in range(10)]
    assert plain.alerts(records) == [stored(store)[7]["event.id"]]
    assert [(item.letter.position, item.letter.raw, item.state) for item in letters(records)] == [
        (10, b"no json", LetterState.NEW)
    ]
    with records.read() as session:
        assert repository.load_checkpoints(session, "s") == [Checkpoint("s", "id", 11, {"more": "x"})]
        [status] = repository.source_statuses(session)
    assert (status.events, status.dead_letters, status.last_event_ms) == (10, 1, 1_767_225_609_000)
    assert status.lag_ms is not None


def test_delivering_again_changes_nothing_but_the_alerts_callable_is_told(
    pipeline: Pipeline[list[str]], records: RecordsDatabase, store: EmbeddedEventStore
) -> None:
    for _ in range(3):
        pipeline.deliver([batch(0, *numbers(0, 5), b"no json")])
    assert len(stored(store)) == 5
    assert len(letters(records)) == 1


def test_an_id_twice_in_one_group_is_matched_once(
    pipeline: Pipeline[list[str]], records: RecordsDatabase, store: EmbeddedEventStore, plain: ModuleType
) -> None:
    pipeline.deliver([batch(7, *numbers(7, 8)), batch(7, *numbers(7, 8), source="copy")])
    assert len(stored(store)) == 1
    assert len(plain.alerts(records)) == 1


def test_refused_events_are_dead_letters_and_not_matched(
    pipeline: Pipeline[list[str]], records: RecordsDatabase, store: EmbeddedEventStore, plain: ModuleType
) -> None:
    pipeline.deliver([batch(0, b'{"n":7,"refuse":1}', *numbers(1, 3))])
    assert len(stored(store)) == 2
    [letter] = letters(records)
    assert (letter.letter.reason, letter.letter.raw) == (Reason.REJECTED, b'{"n":7,"refuse":1}')
    assert letter.letter.detail
    assert plain.alerts(records) == []


def test_the_sender_is_named_and_times_are_moved(pipeline: Pipeline[list[str]], store: EmbeddedEventStore) -> None:
    sent = RecordBatch("s", "id", [Record(1, b"{}", None, {"t": 60}, "ndjson", "10.0.0.9:514")], [], shift_ms=3_000)
    pipeline.deliver([sent])
    [event] = stored(store)
    assert event["log.source.address"] == "10.0.0.9:514"
    assert event["@timestamp"] == "1970-01-01T00:01:03.000Z"
    assert "source.ip" not in event


class Failing:
    """Stages that fail on command, over real ones."""

    def __init__(self, store: EmbeddedEventStore, plain: ModuleType, at: str) -> None:
        self.store, self.plain, self.at, self.left = store, plain, at, 3

    def write(self, events: Sequence[Event]) -> WriteResult:
        self._fail("before write")
        result = self.store.write(events)
        self._fail("after write")
        return result

    def match(self, events: Sequence[Event]) -> list[str]:
        self._fail("match")
        return list(self.plain.match(events))

    def record_alerts(self, session: Session, matches: list[str]) -> None:
        self.plain.record_alerts(session, matches)
        self._fail("transaction")

    def _fail(self, at: str) -> None:
        if at == self.at and self.left:
            self.left -= 1
            raise OSError(28, "No space left on device")


@pytest.mark.parametrize("at", ["before write", "after write", "match", "transaction"])
def test_a_failure_anywhere_is_tried_again_until_it_is_gone(
    records: RecordsDatabase, store: EmbeddedEventStore, plain: ModuleType, at: str
) -> None:
    failing = Failing(store, plain, at)
    stages = Stages(plain.normalize, failing, failing.match, failing.record_alerts)  # type: ignore[arg-type]
    delivery = Delivery(Pipeline(stages, records), FAST)
    done = threading.Event()
    delivery.start()
    delivery.submit(batch(0, *numbers(0, 20), b"broken"), done.set)
    assert done.wait(PATIENCE_SECONDS)
    delivery.stop()
    assert failing.left == 0
    assert len(stored(store)) == 20
    assert len(plain.alerts(records)) == 2
    assert len(letters(records)) == 1


def test_a_full_queue_makes_the_source_wait_and_stopping_gives_the_batch_back(
    records: RecordsDatabase, store: EmbeddedEventStore, plain: ModuleType
) -> None:
    failing = Failing(store, plain, "before write")
    failing.left = 10**9
    stages = Stages(plain.normalize, failing, failing.match, failing.record_alerts)  # type: ignore[arg-type]
    settings = DeliverySettings(linger_seconds=0, queue_records=10, group_records=10, retry_first_seconds=0.01)
    delivery = Delivery(Pipeline(stages, records), settings)
    delivery.start()
    taken = []

    def push() -> None:
        for number in range(100):
            delivery.submit(batch(number * 5, *numbers(number * 5, number * 5 + 5)))
            taken.append(number)

    def push_until_stopped() -> None:
        with pytest.raises(DeliveryStoppedError):
            push()

    pusher = threading.Thread(target=push_until_stopped)
    pusher.start()
    pusher.join(0.5)
    assert pusher.is_alive()
    assert 2 <= len(taken) <= 5
    assert delivery.last_error is not None
    assert "OSError" in delivery.last_error
    delivery.stop(drain_seconds=0)
    pusher.join(PATIENCE_SECONDS)
    assert not pusher.is_alive()
    with records.read() as session:
        assert repository.load_checkpoints(session, "s") == []


def test_order_within_a_source_is_kept_and_small_batches_travel_together(
    records: RecordsDatabase, store: EmbeddedEventStore, plain: ModuleType
) -> None:
    groups = []

    class Watching(Pipeline[list[str]]):
        def deliver(self, batches: Sequence[RecordBatch]) -> list[Delivered]:
            groups.append(len(batches))
            return super().deliver(batches)

    stages = Stages(plain.normalize, store, plain.match, plain.record_alerts)
    delivery = Delivery(Watching(stages, records), DeliverySettings(linger_seconds=0.2))
    acknowledged: list[int] = []
    delivery.start()
    for number in range(30):
        delivery.submit(batch(number, *numbers(number, number + 1)), lambda number=number: acknowledged.append(number))
    delivery.stop()
    assert acknowledged == list(range(30))
    assert sum(groups) == 30
    assert len(groups) < 10
    with records.read() as session:
        [checkpoint] = repository.load_checkpoints(session, "s")
    assert checkpoint.position == 30


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
