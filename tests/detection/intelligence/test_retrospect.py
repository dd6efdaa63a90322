"""Found live or in retrospect, a hit is the same alert, once; a search that was cut off goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from detection.alerts import Alert, AlertEvent, AlertUpdate, record_matches
from detection.intelligence import (
    ImportResult,
    Indicator,
    IndicatorWatch,
    Retrospect,
    SightingAlerts,
    load_intelligence_policy,
)
from events import Event, format_timestamp, now_ms
from store import EmbeddedEventStore
from store.records import RecordsDatabase

HOUR = 3_600_000
SHA256 = "ab" * 32
VALUES = (
    "203.0.113.0/24",
    "198.51.100.7",
    "2001:db8::/48",
    "evil.example",
    "xn--fiq228c.example",
    "http://bad.example/",
    "http://bad.example/it?a=1",
    "https://[2001:db8::1]:8443/p.php",
    SHA256,
)
Known = Callable[..., ImportResult]
Pairs = set[tuple[str, str]]


def _events() -> list[Event]:
    fields: list[dict[str, Any]] = [
        {"source.ip": "203.0.113.9"},
        {"source.ip": "203.0.114.9"},
        {"destination.ip": "::ffff:198.51.100.7"},
        {"dns.resolved_ip": ["192.0.2.1", "2001:db8:0:7::1"]},
        {"dns.question.name": "evil.example"},
        {"dns.question.name": "CDN.a.Evil.Example."},
        {"dns.question.name": "notevil.example"},
        {"url.domain": "www.中文.example"},
        {"tls.client.server_name": "www.xn--fiq228c.example"},
        {"url.full": "http://bad.example"},
        {"url.original": "HTTP://bad.example:80/#top"},
        {"url.original": "http://bad.example/other"},
        {"url.original": "http://bad.example/it?a=1#b"},
        {"url.original": "http://bad.example/IT?a=1"},
        {"url.original": "https://[2001:DB8::1]:8443/p.php?"},
        {"file.hash.sha256": SHA256.upper()},
        {"winlog.event_data.Hashes": f"MD5={'0' * 32},SHA256={SHA256.upper()},IMPHASH="},
        {"source.ip": "203.0.113.9", "destination.ip": "198.51.100.7", "url.domain": "evil.example"},
    ]
    now = now_ms() - 40 * HOUR
    return [
        {
            "@timestamp": format_timestamp(now + number * 2 * HOUR),
            "event.id": f"{number:032x}",
            "event.dataset": "zeek.conn",
            "event.original": f"record {number}",
            **each,
        }
        for number, each in enumerate(fields)
    ]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedEventStore]:
    opened = EmbeddedEventStore(tmp_path / "events")
    yield opened
    opened.close()


def _pairs(records: RecordsDatabase) -> Pairs:
    with records.read() as session:
        return {(alert, event) for alert, event in session.execute(select(AlertEvent.alert_id, AlertEvent.event_id))}


def _counts(records: RecordsDatabase) -> int:
    with records.read() as session:
        return sum(session.scalars(select(Alert.count)))


def _live(records: RecordsDatabase, events: list[Event], watch: IndicatorWatch) -> None:
    with records.begin() as session:
        record_matches(session, SightingAlerts().updates(watch.match(events)), now_ms())


def _searched(records: RecordsDatabase) -> int:
    with records.read() as session:
        return sum(each is not None for each in session.scalars(select(Indicator.searched_ms)))


def _record(session: Session, updates: Sequence[AlertUpdate]) -> None:
    record_matches(session, updates, now_ms())


def _finish(retrospect: Retrospect) -> None:
    while retrospect.turn():
        pass


def test_live_and_in_retrospect_are_the_same_alerts_once(
    records: RecordsDatabase, store: EmbeddedEventStore, known: Known
) -> None:
    events = _events()
    store.write(events)
    known(*VALUES)
    watch = IndicatorWatch(records)
    _finish(Retrospect(records, store, watch, _record))
    found = _pairs(records)
    assert len({event_id for _, event_id in found}) == 14
    assert len(found) == 16
    assert _searched(records) == len(VALUES)
    _live(records, events, watch)
    assert _pairs(records) == found
    assert _counts(records) == len(found)


def test_live_alone_finds_what_the_search_finds(
    records: RecordsDatabase, store: EmbeddedEventStore, known: Known, tmp_path: Path
) -> None:
    known(*VALUES)
    watch = IndicatorWatch(records)
    _live(records, _events(), watch)
    live = _pairs(records)
    store.write(_events())
    _finish(Retrospect(records, store, watch, _record))
    assert _pairs(records) == live
    assert _counts(records) == len(live)
    assert tmp_path.exists()


def test_a_search_that_was_cut_off_goes_on(records: RecordsDatabase, store: EmbeddedEventStore, known: Known) -> None:
    store.write(_events())
    known(*VALUES)
    policy = load_intelligence_policy()
    search = policy.search.model_copy(update={"indicators": 2, "events": 1, "turn": 1})
    hurried = policy.model_copy(update={"search": search})
    starts, seen = 0, [0]
    while _searched(records) < len(VALUES):
        retrospect = Retrospect(records, store, IndicatorWatch(records), _record, hurried)  # a process of its own
        for _ in range(starts % 3 + 3):  # each lives long enough for one batch of indicators at most
            retrospect._step()
        starts += 1
        assert starts < 50
        seen.append(_searched(records))
    assert seen == sorted(seen)
    assert starts > 3
    assert len(_pairs(records)) == 16
    assert _counts(records) == 16


def test_indicators_wait_until_new_events_are_compared_with_them(
    records: RecordsDatabase, store: EmbeddedEventStore, known: Known
) -> None:
    store.write(_events())
    watch = IndicatorWatch(records)
    known("evil.example")
    retrospect = Retrospect(records, store, watch, _record)
    assert not retrospect.turn()
    assert _searched(records) == 0
    watch.refresh()
    _finish(retrospect)
    assert _searched(records) == 1
    assert len(_pairs(records)) == 3


def test_only_the_look_back_window_is_searched(
    records: RecordsDatabase, store: EmbeddedEventStore, known: Known
) -> None:
    events = _events()
    old = now_ms() - load_intelligence_policy().look_back - HOUR
    store.write([events[0] | {"@timestamp": format_timestamp(old)}, events[4]])
    known("203.0.113.0/24", "evil.example")
    _finish(Retrospect(records, store, IndicatorWatch(records), _record))
    assert {event_id for _, event_id in _pairs(records)} == {events[4]["event.id"]}


def test_a_changed_validity_is_searched_anew(records: RecordsDatabase, store: EmbeddedEventStore, known: Known) -> None:
    store.write(_events())
    known("evil.example", valid_until_ms=1)
    watch = IndicatorWatch(records)
    retrospect = Retrospect(records, store, watch, _record)
    _finish(retrospect)
    assert _pairs(records) == set()
    known("evil.example")
    watch.refresh()
    _finish(retrospect)
    assert len(_pairs(records)) == 3
