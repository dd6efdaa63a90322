"""Triage is a state machine with a trace; alerts are listed, filtered and paged."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from detection import Matcher
from detection.alerts import (
    AlertFilter,
    AlertState,
    Disposition,
    IllegalTransitionError,
    alert_event_ids,
    alert_transitions,
    assign,
    counts,
    get_alert,
    histogram,
    list_alerts,
    transition,
)
from store.records.database import RecordsDatabase
from tests.detection.alerts.recorded import ALL, HOUR, START, numbered_event, raise_alerts


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
    raise_alerts(records, matcher.match([numbered_event(1)]))
    with records.begin() as session:
        (alert,) = list_alerts(session, ALL, AlertFilter()).alerts
        transition(session, alert, AlertState.CLOSED, actor="li", now_ms=START, disposition=disposition)
    raise_alerts(records, matcher.match([numbered_event(1)]))
    with records.read() as session:
        again = get_alert(session, ALL, alert.id)
        assert again is not None
        assert again.state == "closed"
    raise_alerts(records, matcher.match([numbered_event(2)]), now=START + 5)
    with records.read() as session:
        (alert,) = list_alerts(session, ALL, AlertFilter()).alerts
        history = alert_transitions(session, alert.id)
    assert (alert.state, alert.count, len(history)) == (state, 2, transitions)
    if state == "new":
        assert (history[-1].actor, history[-1].from_state, history[-1].at) == ("system", "closed", START + 5)
        assert alert.disposition is None


def test_triage_appends_and_refuses_illegal_moves(records: RecordsDatabase, matcher: Matcher) -> None:
    raise_alerts(records, matcher.match([numbered_event(1)]))
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
    raise_alerts(records, matcher.match([numbered_event(1)]))
    with records.begin() as session:
        (alert,) = list_alerts(session, ALL, AlertFilter()).alerts
        transition(session, alert, AlertState.ACKNOWLEDGED, actor="li", now_ms=1)
    with pytest.raises(DatabaseError, match="append-only"), records.begin() as session:
        session.execute(text(change))
    with records.read() as session:
        assert [(step.at, step.actor) for step in alert_transitions(session, alert.id)] == [(1, "li")]


def test_lists_filter_sort_and_page(records: RecordsDatabase, matcher: Matcher) -> None:
    events = [
        numbered_event(
            number,
            START + number * HOUR,
            host__name=f"h{number}",
            a="x" if number % 2 else "",
            b="x",
            process__name="p%",
        )
        for number in range(10)
    ]
    raise_alerts(records, matcher.match(events))
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
    raise_alerts(records, matcher.match([numbered_event(number, START + 50 - number % 7) for number in range(30)]))
    with records.read() as session:
        (alert,) = list_alerts(session, ALL, AlertFilter()).alerts
        first = alert_event_ids(session, alert.id, limit=20)
        rest = alert_event_ids(session, alert.id, limit=20, after=first[-1])
    assert len(first) == 20
    assert sorted(first + rest) == first + rest
    assert len(set(first + rest)) == alert.count == 30
