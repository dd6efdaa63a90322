"""How long events stay, and that they are known again, whichever engine keeps them and whoever looks on."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import Any

from events import now_ms
from store import PlausibleTimes, StoragePolicy, Window
from store.query import MatchAll
from tests.patience import PATIENCE_SECONDS

from .conftest import BASE_MS, POLICY, MakeEvent, OpenStore

FIRST = date(2023, 11, 14)


def test_retention_drops_the_days_that_a_class_no_longer_keeps(open_store: OpenStore, make_event: MakeEvent) -> None:
    events = [make_event(day * 24) for day in range(4)]
    events += [make_event(day * 24 + 1) | {"event.dataset": "gateway.access"} for day in range(4)]
    events.append(make_event(9, moment_ms=5))
    with closing(open_store("write", POLICY)) as store, closing(open_store("read", POLICY)) as reader:
        store.write(events)
        assert store.search(MatchAll(), Window()).total == 9
        assert reader.search(MatchAll(), Window()).total == 9
        assert store.apply_retention(FIRST + timedelta(days=180)) == []
        dropped = store.apply_retention(FIRST + timedelta(days=182))
        assert [(info.retention_class, info.day, info.events) for info in dropped] == [
            ("standard", FIRST, 1),
            ("standard", FIRST + timedelta(days=1), 1),
        ]
        assert reader.search(MatchAll(), Window()).total == 7
        assert store.write(events[:1]).created == 1
        assert store.search(MatchAll(), Window()).total == reader.search(MatchAll(), Window()).total == 8


def test_a_reader_goes_on_when_days_are_dropped_between_its_pages(open_store: OpenStore, make_event: MakeEvent) -> None:
    events = [make_event(hour) for hour in range(96)]
    with closing(open_store("write", POLICY)) as store:
        store.write(events)
        first = store.search(MatchAll(), Window(), limit=20)
        assert len(store.apply_retention(FIRST + timedelta(days=182))) == 2
        seen, cursor = first.events, first.next_cursor
        while cursor:
            page = store.search(MatchAll(), Window(), limit=20, cursor=cursor)
            assert page.incomplete is None
            seen, cursor = [*seen, *page.events], page.next_cursor
        assert seen == events[: 95 - len(seen) : -1]
        kept = [event for event in events if str(event["@timestamp"]) >= "2023-11-16"]
        assert seen[: len(kept)] == kept[::-1]
        assert store.search(MatchAll(), Window(), order="oldest").events == kept


def test_readers_find_all_that_is_kept_while_days_are_dropped(open_store: OpenStore, make_event: MakeEvent) -> None:
    days = 12
    events = [make_event(6 * number, moment_ms=BASE_MS + 21_600_000 * number) for number in range(4 * days)]
    kept = [str(event["event.id"]) for event in events if str(event["@timestamp"]) >= "2023-11-25"]
    over = threading.Event()

    def read() -> int:
        """Look again and again until the dropping is over, and once after that; returns how often."""
        looks, is_last = 0, False
        with closing(open_store("read", POLICY)) as reader:
            while not is_last:
                is_last = over.is_set()
                page = reader.search(MatchAll(), Window(), limit=len(events), order="oldest")
                found = [str(event["event.id"]) for event in page.events]
                assert (page.incomplete, found[-len(kept) :]) == (None, kept)
                assert len(reader.get(kept)) == len(kept)
                counted: Any = reader.aggregate(MatchAll(), Window(), {"n": {"value_count": {"field": "@timestamp"}}})
                assert len(kept) <= counted["n"]["value"] <= len(found)
                assert all(day.incomplete is None for day in reader.days())
                looks += 1
        assert (found, counted) == (kept, {"n": {"value": len(kept)}})
        return looks

    with closing(open_store("write", POLICY)) as store, ThreadPoolExecutor(2) as pool:
        store.write(events)
        assert store.search(MatchAll(), Window()).total == len(events)  # shows them to others, too
        readers = [pool.submit(read) for _ in range(2)]
        try:
            for today in range(181, 181 + days - 1):
                assert len(store.apply_retention(FIRST + timedelta(days=today))) == 1
        finally:
            over.set()
        assert all(reader.result(PATIENCE_SECONDS) for reader in readers)


def test_implausible_times_are_kept_from_the_day_they_were_stored(open_store: OpenStore, make_event: MakeEvent) -> None:
    today = datetime.fromtimestamp(now_ms() / 1000, UTC).date()
    with closing(open_store("write", POLICY)) as store:
        store.write([make_event(1, moment_ms=5), make_event(2, moment_ms=253_402_300_799_999)])
        assert store.apply_retention(today + timedelta(days=180)) == []
        dropped = store.apply_retention(today + timedelta(days=182))
        assert [(info.day, info.events) for info in dropped] == [(None, 2)]
        assert store.search(MatchAll(), Window()).total == 0


def test_an_event_is_known_again_after_its_class_or_the_clock_has_changed(
    open_store: OpenStore, make_event: MakeEvent
) -> None:
    soon = now_ms() + 2 * 86_400_000
    events = [make_event(1), make_event(2, moment_ms=soon)]
    with closing(open_store("write", POLICY)) as store:
        assert store.write(events).created == 2
    patient = StoragePolicy({}, (), "other", PlausibleTimes(0, 10 * 86_400_000))
    with closing(open_store("write", patient)) as store:
        assert store.write(events).existing == 2
        later = make_event(3, moment_ms=soon)
        assert store.write([later]).created == 1
    with closing(open_store("write", POLICY)) as store:
        assert store.write([later, *events]).existing == 3
