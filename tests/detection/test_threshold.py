"""Thresholds: one alert a group and window, with exact counts, however the events arrive."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from detection import Matcher, RuleSet
from detection.alerts import Alert, AlertEvent, Grouping, record_matches
from detection.routing import RoutingPolicy
from detection.threshold import ThresholdPolicy, ThresholdWindow, only_over_threshold
from events import format_timestamp
from store.records.database import Base, RecordsDatabase

MINUTE = 60_000
HOUR = 60 * MINUTE
START = 1_767_225_600_000  # 2026-01-01T00:00:00Z
NOW = START + 100 * 24 * HOUR
POLICY = ThresholdPolicy.model_validate({"kept": "1d", "windows": 50})

Deliver = Callable[..., list[str]]


@pytest.fixture
def records(empty_records: RecordsDatabase) -> RecordsDatabase:
    return empty_records


def _rule(**threshold: object) -> dict[str, Any]:
    return {
        "title": "Many",
        "id": "many-1",
        "logsource": {"product": "test"},
        "detection": {"s": {"f": "x"}, "condition": "s"},
        "fengsui": {"threshold": {"field": "source.ip", "count": 3, "within": "10m", **threshold}},
    }


@pytest.fixture
def deliver(load: Callable[..., RuleSet], test_policy: RoutingPolicy, records: RecordsDatabase) -> Deliver:
    """Takes a batch of events all the way into alerts; returns the ids of the events that alert, in order."""
    rules = load(_rule())
    assert rules.unsupported == []
    matcher = Matcher(rules, test_policy)

    def delivered(events: Sequence[dict[str, Any]], now: int = NOW) -> list[str]:
        with records.begin() as session:
            found = only_over_threshold(session, matcher.match(events), now, POLICY)
            record_matches(session, Grouping().updates(found), now)
        return [str(match.event["event.id"]) for match in found]

    return delivered


def _event(number: int, time: int, address: str | None = "10.0.0.1") -> dict[str, Any]:
    return {
        "@timestamp": format_timestamp(time),
        "event.id": f"{number:032x}",
        "event.dataset": "test.log",
        "f": "x",
        "source.ip": address,
    }


def _ids(*numbers: int) -> list[str]:
    return [f"{number:032x}" for number in numbers]


def test_a_group_alerts_once_it_reaches_the_count_with_all_its_events(
    deliver: Deliver, records: RecordsDatabase
) -> None:
    assert deliver([_event(1, START + MINUTE), _event(2, START, "10.0.0.2")]) == []
    assert deliver([_event(3, START + 2 * MINUTE)]) == []
    assert deliver([_event(3, START + 2 * MINUTE)]) == []  # the same event again
    assert deliver([_event(4, START + 3 * MINUTE)]) == _ids(1, 3, 4)
    assert deliver([_event(5, START + 4 * MINUTE)]) == _ids(5)
    assert deliver([_event(6, START + 11 * MINUTE), _event(7, START + 12 * MINUTE)]) == []  # another window
    with records.read() as session:
        (alert,) = session.scalars(select(Alert)).all()
    assert (alert.count, alert.entity) == (4, {"source.ip": "10.0.0.1"})
    assert (alert.first_seen, alert.last_seen) == (START + MINUTE, START + 4 * MINUTE)
    assert alert.matched_fields == [{"selection": "s", "field": "f", "event_field": "f", "value": "x"}]


def test_an_event_without_the_field_belongs_to_no_group(deliver: Deliver) -> None:
    assert deliver([_event(number, START, None) for number in range(5)]) == []


def test_windows_are_bounded_and_old_ones_forgotten(deliver: Deliver, records: RecordsDatabase) -> None:
    deliver([_event(number, START + number, f"10.0.0.{number}") for number in range(80)])
    with records.read() as session:
        assert session.scalar(select(func.count()).select_from(ThresholdWindow)) == 50
    deliver([_event(100, START + 30 * HOUR)])
    with records.read() as session:
        assert session.scalar(select(func.count()).select_from(ThresholdWindow)) == 1


def test_a_clock_that_runs_ahead_forgets_nothing(deliver: Deliver) -> None:
    deliver([_event(1, START), _event(2, START)], now=START)
    deliver([_event(3, START + 9_000 * HOUR)], now=START)
    assert deliver([_event(4, START + 1)], now=START) == _ids(1, 2, 4)


def _alerts(records: RecordsDatabase) -> dict[tuple[str, int], Counter[str]]:
    """The events of each alert by address and window."""
    with records.read() as session:
        rows = session.execute(
            select(Alert.entity, Alert.first_seen, AlertEvent.event_id).join(
                AlertEvent, Alert.id == AlertEvent.alert_id
            )
        ).all()
        assert all(alert.count == _size(rows, alert) for alert in session.scalars(select(Alert)))
    found: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    for entity, first_seen, event_id in rows:
        found[entity["source.ip"], first_seen // (10 * MINUTE)][event_id] += 1
    return found


def _size(rows: Sequence[Any], alert: Alert) -> int:
    return sum(row.entity == alert.entity and row.first_seen == alert.first_seen for row in rows)


def _clear(records: RecordsDatabase) -> None:
    with records.begin() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())


@settings(max_examples=20)
@given(
    drawn=st.lists(st.tuples(st.sampled_from(["h1", "h2"]), st.integers(0, 40)), min_size=1, max_size=25),
    size=st.integers(1, 8),
    seed=st.integers(0, 1_000),
)
def test_any_order_and_replay_give_the_same_alerts_with_exact_counts(
    deliver: Deliver, records: RecordsDatabase, drawn: list[tuple[str, int]], size: int, seed: int
) -> None:
    _clear(records)
    groups: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    events = []
    for number, (address, minute) in enumerate(drawn):
        events.append(_event(number, START + minute * MINUTE, address))
        groups[address, START // (10 * MINUTE) + minute // 10][f"{number:032x}"] += 1
    arriving = events + random.Random(seed).sample(events, len(events) // 2)
    random.Random(seed + 1).shuffle(arriving)
    for at in range(0, len(arriving), size):
        deliver(arriving[at : at + size])
    assert _alerts(records) == {key: members for key, members in groups.items() if members.total() >= 3}


@pytest.mark.parametrize(
    ("threshold", "reason"),
    [
        ({"count": 1}, "whole number from 2"),
        ({"count": True}, "whole number from 2"),
        ({"count": "many"}, "whole number from 2"),
        ({"field": []}, "'field' must name"),
        ({"field": None}, "'field' must name"),
        ({"within": "0m"}, "no duration"),
        ({"sliding": True}, "must be a map of"),
    ],
)
def test_settings_that_are_not_right_are_reported(
    load: Callable[..., RuleSet], threshold: dict[str, Any], reason: str
) -> None:
    (unsupported,) = load(_rule(**threshold)).unsupported
    assert reason in unsupported.reason
    assert unsupported.line > 1


def test_alerts_are_cut_as_the_threshold_counts(load: Callable[..., RuleSet]) -> None:
    (rule,) = load(_rule(field=["source.ip", "user.name"])).rules
    assert (rule.settings.entities, rule.settings.window_ms) == (("source.ip", "user.name"), 10 * MINUTE)
