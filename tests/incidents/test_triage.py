"""Triage on a real database: each step in the alert's history and in the trail, or in neither."""

from __future__ import annotations

import pytest

from audit import Actor, AuditFilter, Trust, list_records, verify_trail
from detection.alerts import (
    AlertUpdate,
    Disposition,
    IllegalTransitionError,
    alert_transitions,
    get_alert,
    record_matches,
)
from incidents import (
    AlertNotFoundError,
    InvalidStepError,
    Step,
    StepKind,
    TriagedBy,
    count_similar,
    disposition_policy,
    queue_pulse,
    triage,
    triage_many,
)
from registry import UnitScope
from store.records import RecordsDatabase

ALL = UnitScope.everything()
_BY = TriagedBy(Actor("user", "u1", "wang.min"), ALL, "r1", "192.0.2.1")


@pytest.fixture
def records(empty_records: RecordsDatabase) -> RecordsDatabase:
    with empty_records.begin() as session:
        record_matches(session, [_update(f"a{number}") for number in range(3)], 1_000)
    return empty_records


def _update(alert_id: str) -> AlertUpdate:
    return AlertUpdate(
        alert_id, "rule-1", "A rule", "high", 3, [], [], "d", {"host.name": alert_id}, [], [(f"e-{alert_id}", 500)]
    )


def _take(records: RecordsDatabase, alert_id: str, step: Step) -> None:
    with records.begin() as session:
        triage(session, alert_id, step, _BY)


def test_a_life_of_an_alert_leaves_its_trace(records: RecordsDatabase) -> None:
    for step in (
        Step(StepKind.ACKNOWLEDGE),
        Step(StepKind.COMMENT, "asking the owner"),
        Step(StepKind.ASSIGN, assignee="li.lei"),
        Step(StepKind.CLOSE, "planned work", Disposition.BENIGN),
        Step(StepKind.REOPEN, "it was not planned"),
    ):
        _take(records, "a0", step)
    with records.read() as session:
        alert = get_alert(session, ALL, "a0")
        assert alert is not None
        assert (alert.state, alert.disposition, alert.assignee) == ("new", None, "li.lei")
        steps = alert_transitions(session, "a0")
        assert [step.to_state for step in steps] == ["acknowledged", "acknowledged", "acknowledged", "closed", "new"]
        rows = list_records(session, AuditFilter(object_id="a0"), 9)
        assert [row.action for row in reversed(rows)] == [
            f"alert:{kind}" for kind in ("acknowledge", "comment", "assign", "close", "reopen")
        ]
        assert verify_trail(session, Trust()).holds


@pytest.mark.parametrize(
    ("alert_id", "step", "error"),
    [
        ("none", Step(StepKind.ACKNOWLEDGE), AlertNotFoundError),
        ("a0", Step(StepKind.REOPEN), IllegalTransitionError),
        ("a0", Step(StepKind.CLOSE), InvalidStepError),
        ("a0", Step(StepKind.ACKNOWLEDGE, disposition=Disposition.BENIGN), InvalidStepError),
        ("a0", Step(StepKind.COMMENT, " \n"), InvalidStepError),
        ("a0", Step(StepKind.COMMENT, "x" * (disposition_policy().comment_maximum_length + 1)), InvalidStepError),
    ],
)
def test_a_step_that_cannot_be_taken_leaves_none(
    records: RecordsDatabase, alert_id: str, step: Step, error: type[Exception]
) -> None:
    with pytest.raises(error):
        _take(records, alert_id, step)
    with records.read() as session:
        assert alert_transitions(session, "a0") == []
        assert list_records(session, AuditFilter(), 9) == []


def test_a_change_without_its_audit_record_does_not_happen(records: RecordsDatabase) -> None:
    with pytest.raises(ValueError, match="surrogate"):
        _take(records, "a0", Step(StepKind.ASSIGN, assignee="\ud800"))
    with records.read() as session:
        alert = get_alert(session, ALL, "a0")
        assert alert is not None
        assert alert.assignee is None


def test_many_alerts_take_a_step_and_the_others_are_named(records: RecordsDatabase) -> None:
    _take(records, "a1", Step(StepKind.CLOSE, None, Disposition.TRUE_POSITIVE))
    with records.begin() as session:
        step = Step(StepKind.CLOSE, "swept", Disposition.FALSE_POSITIVE)
        outcome = triage_many(session, ["a0", "a1", "a2", "a0", "none"], step, _BY)
    assert outcome.changed == ["a0", "a2"]
    assert set(outcome.failed) == {"a1", "none"}
    with records.read() as session:
        kept = get_alert(session, ALL, "a1")
        assert kept is not None
        assert kept.disposition == "true_positive"
        assert count_similar(session, ALL, kept) == {"false_positive": 2}


def test_too_many_at_once_are_refused(records: RecordsDatabase) -> None:
    ids = [str(number) for number in range(disposition_policy().bulk_maximum + 1)]
    with pytest.raises(InvalidStepError, match="select fewer"), records.begin() as session:
        triage_many(session, ids, Step(StepKind.ACKNOWLEDGE), _BY)


def test_the_pulse_changes_with_the_queue(records: RecordsDatabase) -> None:
    with records.read() as session:
        before = queue_pulse(session, ALL)
    _take(records, "a0", Step(StepKind.ACKNOWLEDGE))
    with records.read() as session:
        after = queue_pulse(session, ALL)
    assert (before.new, before.acknowledged) == (3, 0)
    assert (after.new, after.acknowledged) == (2, 1)
    assert after.updated_ms is not None
    assert after.updated_ms > 1_000
