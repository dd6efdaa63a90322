"""New terms: what alerts depends on the events alone, not on how they arrive."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from detection import Matcher, RuleSet
from detection.alerts import Alert, AlertEvent, Grouping, record_matches
from detection.first_seen import FirstSeenPolicy, FirstSeenRule, SeenCombination, only_first_seen
from detection.routing import RoutingPolicy
from events import format_timestamp
from store.records.database import Base, RecordsDatabase

MINUTE = 60_000
HOUR = 60 * MINUTE
START = 1_767_225_600_000  # 2026-01-01T00:00:00Z
NOW = START + 100 * 24 * HOUR
POLICY = FirstSeenPolicy.model_validate({"settling": "2m", "learning": "1h", "combinations": 1_000})
HISTORY = 30 * MINUTE
SETTLING = 2 * MINUTE

Deliver = Callable[..., list[str]]


@pytest.fixture
def records(empty_records: RecordsDatabase) -> RecordsDatabase:
    return empty_records


def _rule(**new_terms: object) -> dict[str, Any]:
    return {
        "title": "New",
        "id": "new-1",
        "logsource": {"product": "test"},
        "detection": {"s": {"f": "x"}, "condition": "s"},
        "fengsui": {"new_terms": {"fields": ["user.name", "source.ip"], "history": "30m", **new_terms}},
    }


@pytest.fixture
def deliver(load: Callable[..., RuleSet], test_policy: RoutingPolicy, records: RecordsDatabase) -> Deliver:
    """Takes a batch of events all the way into alerts; returns the ids of the events that alert, in order."""
    matchers: dict[str, Matcher] = {}

    def delivered(events: Sequence[dict[str, Any]], now: int = NOW, **new_terms: object) -> list[str]:
        key = repr(new_terms)
        if key not in matchers:
            rules = load(_rule(**new_terms), {**_rule(), "id": "plain", "fengsui": {}})
            assert rules.unsupported == []
            matchers[key] = Matcher(rules, test_policy)
        with records.begin() as session:
            found = only_first_seen(session, matchers[key].match(events), now, POLICY)
            record_matches(session, Grouping().updates(found), now)
        assert sum(match.rule.id == "plain" for match in found) == len(events)
        return [str(match.event["event.id"]) for match in found if match.rule.id == "new-1"]

    return delivered


def _event(number: int, time: int, user: object = "li", address: str = "10.0.0.1") -> dict[str, Any]:
    return {
        "@timestamp": format_timestamp(time),
        "event.id": f"{number:032x}",
        "event.dataset": "test.log",
        "f": "x",
        "user.name": user,
        "source.ip": address,
    }


def _ids(*numbers: int) -> list[str]:
    return [f"{number:032x}" for number in numbers]


def test_a_combination_alerts_when_it_was_not_seen_in_the_history(deliver: Deliver) -> None:
    learned = START + HOUR
    assert deliver([_event(1, START)]) == []  # the rule learns
    assert deliver([_event(2, learned, "li", "10.0.0.2")]) == _ids(2)
    assert deliver([_event(3, learned + 10 * MINUTE, "LI", "10.0.0.2")]) == []
    assert deliver([_event(4, learned + 35 * MINUTE, "li", "10.0.0.2")]) == []  # seen 25 minutes before
    assert deliver([_event(5, learned + 80 * MINUTE, "li", "10.0.0.2")]) == _ids(5)  # forgotten
    assert deliver([_event(6, learned + 81 * MINUTE, "wu", "10.0.0.2")]) == _ids(6)


def test_an_event_without_the_fields_brings_nothing_new(deliver: Deliver) -> None:
    events = [_event(1, START, None), {**_event(2, START), "source.ip": ""}]
    assert deliver(events, learning="1s") == []
    assert deliver([_event(3, START + HOUR)], learning="1s") == []  # the first that counts: learned from here on
    assert deliver([_event(4, START + HOUR + 5 * MINUTE, "wu")], learning="1s") == _ids(4)


def test_each_of_several_values_counts(deliver: Deliver) -> None:
    deliver([_event(1, START, "li"), _event(2, START, "wu")], learning="1m")
    later = START + 10 * MINUTE
    assert deliver([_event(3, later, ["li", "wu"]), _event(4, later, ["wu", "an"])], learning="1m") == _ids(4)


def test_learning_lasts_as_long_as_the_rule_says(deliver: Deliver) -> None:
    events = [_event(number, START + number * 10 * MINUTE, f"u{number}") for number in range(5)]
    assert deliver(events, learning="25m") == _ids(3, 4)


def test_memory_is_bounded_and_tells_what_it_forgot(deliver: Deliver, records: RecordsDatabase) -> None:
    deliver([_event(number, START + number * 1_000, f"u{number}") for number in range(1_200)])
    with records.read() as session:
        assert session.scalar(select(func.count()).select_from(SeenCombination)) == 1_000
        assert session.scalars(select(FirstSeenRule.forgotten)).all() == [200]
        assert session.scalar(select(func.min(SeenCombination.first))) == (START + 200_000) // SETTLING
    deliver([_event(5_000, START + 3 * HOUR)])
    with records.read() as session:
        assert session.scalar(select(func.count()).select_from(SeenCombination)) == 1


def test_a_clock_that_runs_ahead_does_not_end_the_rule(deliver: Deliver) -> None:
    deliver([_event(1, START)], now=START)
    deliver([_event(2, START + 9_000 * HOUR, "future")], now=START + MINUTE)
    late = START + 2 * HOUR
    assert deliver([_event(3, late, "wu")], now=late) == _ids(3)


def test_what_is_older_than_the_history_is_not_judged(deliver: Deliver) -> None:
    deliver([_event(1, START), _event(2, START + 5 * HOUR)])
    assert deliver([_event(3, START + 2 * HOUR, "wu")]) == []


def _expected(events: Sequence[dict[str, Any]], times: dict[str, int]) -> set[str]:
    """The definition, word for word: nothing in the history before, save what was settling."""
    learned = min(times.values()) + HOUR
    new = set()
    for event in events:
        piece = times[event["event.id"]] // SETTLING
        before = [
            times[other["event.id"]] // SETTLING
            for other in events
            if (other["user.name"], other["source.ip"]) == (event["user.name"], event["source.ip"])
        ]
        known = any(piece - HISTORY // SETTLING <= each <= piece - 2 for each in before)
        if times[event["event.id"]] >= learned and not known:
            new.add(event["event.id"])
    return new


def _alerts(records: RecordsDatabase) -> list[Any]:
    with records.read() as session:
        alerts = select(Alert.id, Alert.first_event_id, Alert.count, Alert.first_seen, Alert.last_seen)
        rows = [tuple(row) for row in session.execute(alerts.where(Alert.rule_id == "new-1").order_by(Alert.id))]
        joined = select(AlertEvent.alert_id, AlertEvent.event_id).join(Alert, Alert.id == AlertEvent.alert_id)
        return [*rows, *sorted(map(tuple, session.execute(joined.where(Alert.rule_id == "new-1"))))]


def _clear(records: RecordsDatabase) -> None:
    with records.begin() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())


@settings(max_examples=25)
@given(
    drawn=st.lists(
        st.tuples(st.sampled_from(["li", "wu"]), st.integers(0, 240 * 2), st.integers(0, SETTLING)),
        min_size=1,
        max_size=30,
    ),
    size=st.integers(1, 10),
    seed=st.integers(0, 1_000),
)
def test_any_order_within_the_settling_time_and_any_replay_give_the_same_alerts(
    deliver: Deliver, records: RecordsDatabase, drawn: list[tuple[str, int, int]], size: int, seed: int
) -> None:
    _clear(records)
    events = [_event(n, START + half * MINUTE // 2, user) for n, (user, half, _) in enumerate(drawn)]
    times = {event["event.id"]: START + half * MINUTE // 2 for event, (_, half, _) in zip(events, drawn, strict=True)}
    expected = _expected(events, times)
    arriving = sorted(zip(events, drawn, strict=True), key=lambda each: each[1][1] * MINUTE // 2 + each[1][2])
    batches = [[event for event, _ in arriving[at : at + size]] for at in range(0, len(arriving), size)]
    found = [event_id for batch in batches for event_id in deliver(batch)]
    assert set(found) == expected
    alerts = _alerts(records)
    random.Random(seed).shuffle(batches)
    for batch in batches[: len(batches) // 2 + 1]:
        deliver(batch)
    assert _alerts(records) == alerts


@pytest.mark.parametrize(
    ("settings_", "reason"),
    [
        ({"new_terms": {"history": "1d"}}, "'fields' must name"),
        ({"new_terms": {"fields": "user.name", "history": "long"}}, "no duration"),
        ({"new_terms": {"fields": "user.name", "history": "1d", "window": "1d"}}, "must be a map of"),
        ({"new_terms": []}, "must be a map of"),
        (
            {
                "new_terms": {"fields": "user.name", "history": "1d"},
                "threshold": {"field": "a", "count": 2, "within": "1m"},
            },
            "can't be combined",
        ),
    ],
)
def test_settings_that_are_not_right_are_reported(
    load: Callable[..., RuleSet], settings_: dict[str, Any], reason: str
) -> None:
    (unsupported,) = load({**_rule(), "fengsui": settings_}).unsupported
    assert reason in unsupported.reason
    assert unsupported.line > 1


def test_alerts_tell_the_new_combinations_apart(load: Callable[..., RuleSet]) -> None:
    (rule,) = load(_rule()).rules
    assert rule.settings.entities == ("user.name", "source.ip")
