"""Dead letters can be tried again, paged and counted; a cut one is never taken for whole."""

from __future__ import annotations

from collections.abc import Sequence

from collectors.delivery import (
    DeadLetterFilter,
    Pipeline,
    ReplayOutcome,
    replay_requested,
    repository,
)
from collectors.delivery.models import LetterState
from collectors.record import DeadLetter, Reason, RecordBatch
from events import now_ms
from store.embedded import EmbeddedEventStore
from store.records import RecordsDatabase
from tests.collectors.delivery.batches import batch, letters, stored


def replay(
    records: RecordsDatabase, pipeline: Pipeline[list[str]], ids: Sequence[str], log_format: str | None = None
) -> list[ReplayOutcome]:
    with records.begin() as session:
        repository.request_replay(session, ids, log_format, now_ms())
    return replay_requested(records, pipeline.deliver)


def test_dead_letters_replay_into_the_events_they_should_have_been(
    pipeline: Pipeline[list[str]], records: RecordsDatabase, store: EmbeddedEventStore
) -> None:
    pipeline.deliver([batch(3, b"broken 1", b"broken 2")])
    ids = [item.id for item in letters(records)]
    outcomes = replay(records, pipeline, ids)
    assert [(outcome.became_event, outcome.reason) for outcome in outcomes] == [(False, Reason.UNRECOGNIZED)] * 2
    assert {item.state for item in letters(records)} == {LetterState.NEW}
    for _ in range(2):
        replay(records, pipeline, ids[:1], "lenient")
    assert [event["event.id"] for event in stored(store)] == ids[:1]
    assert [(item.id, item.event_id) for item in letters(records, LetterState.REPLAYED)] == [(ids[0], ids[0])]
    pipeline.deliver([batch(3, b"broken 1", b"broken 2")])
    assert [item.id for item in letters(records, LetterState.NEW)] == ids[1:]
    with records.begin() as session:
        assert repository.discard_dead_letters(session, ids, now_ms()) == 1
    assert replay(records, pipeline, ids, "lenient") == []


def test_a_cut_dead_letter_is_not_replayed_as_if_it_were_whole(
    pipeline: Pipeline[list[str]], records: RecordsDatabase, store: EmbeddedEventStore
) -> None:
    cut = DeadLetter(0, Reason.TOO_LARGE, "too long", b"head", 1_000)
    pipeline.deliver([RecordBatch("s", "id", [], [cut])])
    [outcome] = replay(records, pipeline, [letters(records)[0].id], "lenient")
    assert not outcome.became_event
    assert "read it again" in outcome.detail
    assert stored(store) == []


def test_dead_letters_are_paged_filtered_and_counted(pipeline: Pipeline[list[str]], records: RecordsDatabase) -> None:
    pipeline.deliver([batch(0, *(b"broken %d" % number for number in range(25)))])
    pipeline.deliver([RecordBatch("other", "id2", [], [DeadLetter(0, Reason.TRUNCATED, "cut", b"x")])])
    seen: list[str] = []
    with records.read() as session:
        after = None
        while page := repository.find_dead_letters(session, DeadLetterFilter(source="s"), after=after, limit=10):
            seen += [item.id for item in page]
            after = page[-1].id
        counts = [(item.source, item.reason, item.count) for item in repository.count_dead_letters(session)]
        assert [
            item.source for item in repository.find_dead_letters(session, DeadLetterFilter(reason="truncated"))
        ] == ["other"]
        assert repository.find_dead_letters(session, DeadLetterFilter(end_ms=1)) == []
    assert len(seen) == len(set(seen)) == 25
    assert counts == [("other", "truncated", 1), ("s", "unrecognized", 25)]
