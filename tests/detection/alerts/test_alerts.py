"""Alerts come out the same however matches arrive."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from detection import Matcher
from detection.alerts import Alert, AlertEvent, AlertFilter, alert_event_ids, list_alerts
from detection.alerts.accountability import accountable_unit
from detection.rules import AccountableParty
from store.records.database import Base, RecordsDatabase
from tests.detection.alerts.recorded import ALL, HOUR, START, numbered_event, raise_alerts


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


@settings(max_examples=20)
@given(drawn=_events, seed=st.integers(0, 1000), cuts=st.integers(1, 6))
def test_any_order_batching_and_replay_give_the_same_alerts(
    records: RecordsDatabase, matcher: Matcher, drawn: list[tuple[str, int, bool, str]], seed: int, cuts: int
) -> None:
    events = [
        numbered_event(
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
    raise_alerts(records, matcher.match(events))
    expected = _snapshot(records)
    _assert_units_are_those_of_all_events(records, {str(event["event.id"]): event for event in events})
    assert raise_alerts(records, matcher.match(events)) == 0
    assert _snapshot(records) == expected
    _clear(records)
    shuffled = events * 2
    random.Random(seed).shuffle(shuffled)
    size = len(shuffled) // cuts + 1
    for start in range(0, len(shuffled), size):
        raise_alerts(records, matcher.match(shuffled[start : start + size]))
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
        numbered_event(1, START, host__name="h1", user__name="li"),
        numbered_event(2, START + HOUR, host__name="h1", user__name="li"),
        numbered_event(3, START + 12 * HOUR, host__name="h1", user__name="li"),
        numbered_event(4, START, host__name="h2", user__name="li"),
        numbered_event(5, START, a="", b="x", process__name="cron"),
        numbered_event(6, START + HOUR, a="", b="x", process__name="cron"),
    ]
    raise_alerts(records, matcher.match(events), now=START + 99)
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
    late, early = (
        numbered_event(1, START + 9),
        numbered_event(2, START, a=["x", "y" * 5], event__dataset="linux.syslog"),
    )
    raise_alerts(records, matcher.match([late]))
    raise_alerts(records, matcher.match([early]))
    with records.read() as session:
        (alert,) = list_alerts(session, ALL, AlertFilter()).alerts
    assert (alert.dataset, alert.first_seen, alert.last_seen) == ("linux.syslog", START, START + 9)
    assert alert.first_event_id == f"{2:032x}"
