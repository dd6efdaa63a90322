"""Alerts come out the same however matches arrive; triage is a state machine with a trace."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from detection import Match, Matcher, RuleSet
from detection.alerts import (
    Alert,
    AlertEvent,
    AlertFilter,
    AlertState,
    Disposition,
    Grouping,
    IllegalTransitionError,
    alert_event_ids,
    alert_transitions,
    assign,
    counts,
    get_alert,
    histogram,
    list_alerts,
    record_matches,
    transition,
)
from detection.alerts.accountability import accountable_unit
from detection.rules import AccountableParty
from events import format_timestamp
from registry import UnitScope
from store.records.database import Base, RecordsDatabase

ALL = UnitScope.everything()

HOUR = 3_600_000
START = 1_767_225_600_000  # 2026-01-01T00:00:00Z


@pytest.fixture
def records(empty_records: RecordsDatabase) -> RecordsDatabase:
    return empty_records


@pytest.fixture(scope="module")
def matcher(load: Callable[..., RuleSet]) -> Matcher:
    def rule(rule_id: str, field: str, level: str, **extra: object) -> dict[str, Any]:
        return {
            "title": f"Rule {rule_id}",
            "id": rule_id,
            "level": level,
            "tags": ["attack.t1059"],
            "logsource": {"product": "linux"},
            "detection": {"s": {field: "x"}, "condition": "s"},
            **extra,
        }

    rules = load(
        rule("r1", "a", "high"),
        rule("r2", "b", "low", fengsui={"entities": ["process.name"], "window": "1h"}),
        policy=None,
    )
    assert rules.unsupported == []
    return Matcher(rules)


def _event(number: int, time: int = START, **fields: str) -> dict[str, Any]:
    names = {name.replace("__", "."): value for name, value in fields.items()}
    stamp = format_timestamp(time)
    return {"@timestamp": stamp, "event.id": f"{number:032x}", "event.dataset": "linux.auth", "a": "x"} | names


def _record(records: RecordsDatabase, matches: list[Match], now: int = START) -> int:
    with records.begin() as session:
        return len(record_matches(session, Grouping().updates(matches), now))


def _snapshot(records: RecordsDatabase) -> list[tuple[Any, ...]]:
    with records.read() as session:
        alerts = session.scalars(select(Alert).order_by(Alert.id)).all()
        events = sorted(session.execute(select(AlertEvent.alert_id, AlertEvent.event_id, AlertEvent.time)))
        columns = [column.key for column in Alert.__table__.columns if column.key != "updated"]
        return [*[tuple(getattr(alert, column) for column in columns) for alert in alerts], *map(tuple, events)]


def _clear(records: RecordsDatabase) -> None:
    """A database as new; its history can't be deleted row by row."""
    Base.metadata.drop_all(records.engine)
    Base.metadata.create_all(records.engine)


_events = st.lists(
    st.builds(
        lambda host, minute, both, unit: (host, minute, both, unit),
        st.sampled_from(["h1", "h2"]),
        st.integers(0, 26 * 60),
        st.booleans(),
        st.sampled_from(["u1", "u1", "u1", "u2", ""]),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=_events, seed=st.integers(0, 1000), cuts=st.integers(1, 6))
def test_any_order_batching_and_replay_give_the_same_alerts(
    records: RecordsDatabase, matcher: Matcher, drawn: list[tuple[str, int, bool, str]], seed: int, cuts: int
) -> None:
    events = [
        _event(
            number,
            START + minute * 60_000,
            host__name=host,
            process__name=f"p{number % 2}",
            b="x" if both else "y",
            **({"fengsui__unit__id": unit, "fengsui__system__id": f"{unit}-s"} if unit else {}),
        )
        for number, (host, minute, both, unit) in enumerate(drawn)
    ]
    _clear(records)
    _record(records, matcher.match(events))
    expected = _snapshot(records)
    _assert_units_are_those_of_all_events(records, {str(event["event.id"]): event for event in events})
    assert _record(records, matcher.match(events)) == 0
    assert _snapshot(records) == expected
    _clear(records)
    shuffled = events * 2
    random.Random(seed).shuffle(shuffled)
    size = len(shuffled) // cuts + 1
    for start in range(0, len(shuffled), size):
        _record(records, matcher.match(shuffled[start : start + size]))
    assert _snapshot(records) == expected


def _assert_units_are_those_of_all_events(records: RecordsDatabase, events: dict[str, dict[str, Any]]) -> None:
    with records.read() as session:
        for alert in session.scalars(select(Alert)):
            own = [events[event_id] for _, event_id in alert_event_ids(session, alert.id)]
            for column, field in (("unit_id", "fengsui.unit.id"), ("system_id", "fengsui.system.id")):
                values = {event.get(field) for event in own}
                assert getattr(alert, column) == (values.pop() if len(values) == 1 else None)


@pytest.mark.parametrize(
    ("party", "events", "unit"),
    [
        (None, [{"fengsui.unit.id": "a"}, {"fengsui.unit.id": "a"}], "a"),
        (None, [{"fengsui.unit.id": "a"}, {"fengsui.unit.id": "b"}], None),
        (None, [{"fengsui.unit.id": "a"}, {}], None),
        (None, [{"fengsui.unit.id": ["a", "b"]}], None),
        (None, [{"fengsui.unit.id": ["a"]}], "a"),
        (None, [{}], None),
        ("consumer", [{"fengsui.unit.id": "a", "fengsui.consumer.unit": "c"}], "c"),
        ("consumer", [{"fengsui.unit.id": "a"}], "a"),
        ("provider", [{"fengsui.unit.id": "a", "fengsui.data.provider": "p", "fengsui.consumer.unit": "c"}], "p"),
        ("provider", [{"fengsui.unit.id": "p", "fengsui.data.provider": ["p", "q"]}], None),
        ("operator", [{"fengsui.unit.id": "a", "fengsui.system.operator": "o"}], "o"),
    ],
)
def test_the_accountable_partys_unit_answers_for_an_alert(
    party: str | None, events: list[dict[str, Any]], unit: str | None
) -> None:
    assert accountable_unit(events, AccountableParty(party) if party else None) == unit


def test_matches_group_by_rule_entities_and_window(records: RecordsDatabase, matcher: Matcher) -> None:
    events = [
        _event(1, START, host__name="h1", user__name="li"),
        _event(2, START + HOUR, host__name="h1", user__name="li"),
        _event(3, START + 12 * HOUR, host__name="h1", user__name="li"),
        _event(4, START, host__name="h2", user__name="li"),
        _event(5, START, a="", b="x", process__name="cron"),
        _event(6, START + HOUR, a="", b="x", process__name="cron"),
    ]
    _record(records, matcher.match(events), now=START + 99)
    with records.read() as session:
        alerts = list_alerts(session, ALL, AlertFilter(), sort="last_seen").alerts
        found = sorted((a.rule_id, sorted(a.entity.items()), a.first_seen, a.last_seen, a.count) for a in alerts)
    li = ("user.name", "li")
    assert found == [
        ("r1", [("host.name", "h1"), li], START, START + HOUR, 2),
        ("r1", [("host.name", "h1"), li], START + 12 * HOUR, START + 12 * HOUR, 1),
        ("r1", [("host.name", "h2"), li], START, START, 1),
        ("r2", [("process.name", "cron")], START, START, 1),
        ("r2", [("process.name", "cron")], START + HOUR, START + HOUR, 1),
    ]
    alert = next(a for a in alerts if a.count == 2)
    assert (alert.severity, alert.level, alert.technique_ids, alert.created) == (3, "high", ["T1059"], START + 99)
    assert alert.matched_fields == [{"selection": "s", "field": "a", "event_field": "a", "value": "x"}]


def test_the_sample_is_that_of_the_earliest_event_and_cut(records: RecordsDatabase, matcher: Matcher) -> None:
    late, early = _event(1, START + 9), _event(2, START, a=["x", "y" * 5], event__dataset="linux.syslog")
    _record(records, matcher.match([late]))
    _record(records, matcher.match([early]))
    with records.read() as session:
        (alert,) = list_alerts(session, ALL, AlertFilter()).alerts
    assert (alert.dataset, alert.first_seen, alert.last_seen) == ("linux.syslog", START, START + 9)
    assert alert.first_event_id == f"{2:032x}"


@pytest.mark.parametrize(
    ("disposition", "state", "transitions"),
    [
        (Disposition.TRUE_POSITIVE, "new", 2),
        (Disposition.UNDETERMINED, "new", 2),
        (Disposition.FALSE_POSITIVE, "closed", 1),
        (Disposition.BENIGN, "closed", 1),
    ],
)
def test_a_repeat_reopens_what_was_closed_as_true(
    records: RecordsDatabase, matcher: Matcher, disposition: Disposition, state: str, transitions: int
) -> None:
    _record(records, matcher.match([_event(1)]))
    with records.begin() as session:
        (alert,) = list_alerts(session, ALL, AlertFilter()).alerts
        transition(session, alert, AlertState.CLOSED, actor="li", now_ms=START, disposition=disposition)
    _record(records, matcher.match([_event(1)]))
    with records.read() as session:
        assert get_alert(session, ALL, alert.id).state == "closed"  # type: ignore[union-attr]  # it is there
    _record(records, matcher.match([_event(2)]), now=START + 5)
    with records.read() as session:
        (alert,) = list_alerts(session, ALL, AlertFilter()).alerts
        history = alert_transitions(session, alert.id)
    assert (alert.state, alert.count, len(history)) == (state, 2, transitions)
    if state == "new":
        assert (history[-1].actor, history[-1].from_state, history[-1].at) == ("system", "closed", START + 5)
        assert alert.disposition is None


def test_triage_appends_and_refuses_illegal_moves(records: RecordsDatabase, matcher: Matcher) -> None:
    _record(records, matcher.match([_event(1)]))
    with records.begin() as session:
        (alert,) = list_alerts(session, ALL, AlertFilter()).alerts
        transition(session, alert, AlertState.ACKNOWLEDGED, actor="li", now_ms=1)
        assign(session, alert, "wu", actor="li", now_ms=2, reason="on duty")
        with pytest.raises(IllegalTransitionError, match="possible"):
            transition(session, alert, AlertState.ACKNOWLEDGED, actor="li", now_ms=3)
        with pytest.raises(IllegalTransitionError, match="disposition"):
            transition(session, alert, AlertState.CLOSED, actor="li", now_ms=3)
        transition(session, alert, AlertState.CLOSED, actor="wu", now_ms=4, disposition=Disposition.BENIGN, reason="ok")
    with records.read() as session:
        steps = [(s.at, s.from_state, s.to_state, s.actor, s.assignee) for s in alert_transitions(session, alert.id)]
    assert steps == [
        (1, "new", "acknowledged", "li", "li"),
        (2, "acknowledged", "acknowledged", "li", "wu"),
        (4, "acknowledged", "closed", "wu", "wu"),
    ]


@pytest.mark.parametrize("change", ["UPDATE alert_transitions SET actor = 'nobody'", "DELETE FROM alert_transitions"])
def test_the_database_refuses_to_change_an_alerts_history(
    records: RecordsDatabase, matcher: Matcher, change: str
) -> None:
    _record(records, matcher.match([_event(1)]))
    with records.begin() as session:
        (alert,) = list_alerts(session, ALL, AlertFilter()).alerts
        transition(session, alert, AlertState.ACKNOWLEDGED, actor="li", now_ms=1)
    with pytest.raises(DatabaseError, match="append-only"), records.begin() as session:
        session.execute(text(change))
    with records.read() as session:
        assert [(step.at, step.actor) for step in alert_transitions(session, alert.id)] == [(1, "li")]


def test_lists_filter_sort_and_page(records: RecordsDatabase, matcher: Matcher) -> None:
    events = [
        _event(
            number,
            START + number * HOUR,
            host__name=f"h{number}",
            a="x" if number % 2 else "",
            b="x",
            process__name="p%",
        )
        for number in range(10)
    ]
    _record(records, matcher.match(events))
    with records.read() as session:
        ids: list[str] = []
        cursor = None
        while True:
            page = list_alerts(session, ALL, AlertFilter(), limit=4, cursor=cursor)
            ids += [alert.id for alert in page.alerts]
            cursor = page.next_cursor
            if cursor is None:
                break
        everything = list_alerts(session, ALL, AlertFilter(), limit=100).alerts
        assert ids == [alert.id for alert in everything]
        assert len(set(ids)) == 15
        assert [alert.severity for alert in everything] == [3] * 5 + [1] * 10
        assert counts(session, ALL, AlertFilter(), "level") == {"high": 5, "low": 10}
        assert counts(session, ALL, AlertFilter(start_ms=START + 8 * HOUR), "level") == {"high": 1, "low": 2}
        assert len(list_alerts(session, ALL, AlertFilter(entity="h3")).alerts) == 1
        assert len(list_alerts(session, ALL, AlertFilter(entity="host.name=h3")).alerts) == 1
        assert list_alerts(session, ALL, AlertFilter(entity="user.name=h3")).alerts == []
        assert len(list_alerts(session, ALL, AlertFilter(text="RULE R1")).alerts) == 5
        assert len(list_alerts(session, ALL, AlertFilter(text="p%")).alerts) == 10
        assert list_alerts(session, ALL, AlertFilter(text="p_")).alerts == []
        assert len(list_alerts(session, ALL, AlertFilter(levels=["low"], states=["new"], rule_ids=["r2"])).alerts) == 10
        buckets = histogram(session, ALL, AlertFilter(), 4 * HOUR)
        assert [(b.start_ms - START) // HOUR for b in buckets] == [0, 4, 8]
        assert [b.levels for b in buckets] == [{"high": 2, "low": 4}, {"high": 2, "low": 4}, {"high": 1, "low": 2}]


def test_the_events_of_an_alert_are_paged_in_order(records: RecordsDatabase, matcher: Matcher) -> None:
    _record(records, matcher.match([_event(number, START + 50 - number % 7) for number in range(30)]))
    with records.read() as session:
        (alert,) = list_alerts(session, ALL, AlertFilter()).alerts
        first = alert_event_ids(session, alert.id, limit=20)
        rest = alert_event_ids(session, alert.id, limit=20, after=first[-1])
    assert len(first) == 20
    assert sorted(first + rest) == first + rest
    assert len(set(first + rest)) == alert.count == 30
