"""Delivery loses nothing and doubles nothing, whatever fails in between."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from types import ModuleType

import pytest
from sqlalchemy.orm import Session

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
from events import Event
from store.embedded import EmbeddedEventStore
from store.event_store import WriteResult
from store.records import RecordsDatabase
from tests.collectors.delivery.batches import FAST, batch, letters, numbers, stored
from tests.patience import PATIENCE_SECONDS, until


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
    stages = Stages(plain.normalize, failing, failing.match, failing.record_alerts)  # type: ignore[arg-type]  # (of a store, only what is written to)
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
    stages = Stages(plain.normalize, failing, failing.match, failing.record_alerts)  # type: ignore[arg-type]  # (of a store, only what is written to)
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
    until(lambda: len(taken) >= 2 and delivery.last_error)
    pusher.join(0.5)
    assert pusher.is_alive()
    assert len(taken) <= 5
    assert "OSError" in str(delivery.last_error)
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
    delivery = Delivery(Watching(stages, records), DeliverySettings(linger_seconds=PATIENCE_SECONDS))
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
