"""An exception is proposed by one, approved by another, ends by itself, and leaves a history that nobody changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from audit import AuditRecord, Trust, verify_trail
from detection import RuleSet
from detection.authorship import ChangedBy
from detection.tuning import (
    ExceptedField,
    ExceptionProposal,
    ExceptionState,
    Retrospect,
    TruePositivesRemovedError,
    TuningConflictError,
    TuningError,
    any_due,
    approve,
    effective_state,
    exception_transitions,
    expire_due,
    filter_document,
    get_exception,
    live_exceptions,
    propose,
    tuning_policy,
    withdraw,
)
from store.records import RecordsDatabase

DAY = 86_400_000
By = Callable[..., ChangedBy]


def _proposal(rules: RuleSet, expires: int, **options: Any) -> ExceptionProposal:  # noqa: ANN401 (any field)
    document = filter_document(rules.rules[0], [ExceptedField("host.name", "web-1")], "Backups")
    filled = {"reason": "nightly backup", "retrospect": Retrospect(), **options}
    return ExceptionProposal(rules.rules[0], document, expires_ms=expires, **filled)


def test_an_exception_lives_from_proposal_to_its_end(
    records: RecordsDatabase, rules: RuleSet, by: By, start: int
) -> None:
    with records.begin() as session:
        row = propose(session, _proposal(rules, start + DAY), by())
        assert live_exceptions(session) == []
        approve(session, row.id, by(5, "chen"))
        [live] = live_exceptions(session)
        with pytest.raises(TuningConflictError):
            approve(session, row.id, by(6))
        assert (live.id, live.rule_id, live.expires_ms) == (row.id, "r1", start + DAY)
        assert not any_due(session, start + DAY - 1)
        assert expire_due(session, start + DAY - 1) == 0
        assert effective_state(row, start + DAY) is ExceptionState.EXPIRED
        assert any_due(session, start + DAY)
        assert (expire_due(session, start + DAY), expire_due(session, start + DAY)) == (1, 0)
        assert live_exceptions(session) == []
        with pytest.raises(TuningConflictError):
            withdraw(session, row.id, "late", by(DAY + 1))
    with records.read() as session:
        steps = [(each.from_state, each.to_state, each.actor) for each in exception_transitions(session, row.id)]
        actions = [each.action for each in session.query(AuditRecord).order_by(AuditRecord.sequence)]
        assert verify_trail(session, Trust()).holds
    assert steps == [(None, "proposed", "lin"), ("proposed", "active", "chen"), ("active", "expired", "system")]
    assert actions == ["exception:propose", "exception:approve", "exception:expire"]


def test_a_withdrawn_exception_applies_no_more(records: RecordsDatabase, rules: RuleSet, by: By, start: int) -> None:
    with records.begin() as session:
        row = propose(session, _proposal(rules, start + DAY), by())
        approve(session, row.id, by(1))
        with pytest.raises(TuningError):
            withdraw(session, row.id, "  ", by(2))
        withdraw(session, row.id, "the host is gone", by(2))
        assert live_exceptions(session) == []
        assert get_exception(session, row.id).state == "withdrawn"


def test_an_exception_that_cannot_be_read_withholds_nothing_and_stops_nothing(
    records: RecordsDatabase, rules: RuleSet, by: By, start: int
) -> None:
    with records.begin() as session:
        broken, whole = (propose(session, _proposal(rules, start + DAY), by()) for _ in range(2))
        for row in (broken, whole):
            approve(session, row.id, by(1))
        broken.document = {"title": "no filter any more", "filter": {"rules": ["r1"]}}
        assert [each.id for each in live_exceptions(session)] == [whole.id]


def test_reason_and_end_are_required_and_bounded(records: RecordsDatabase, rules: RuleSet, by: By, start: int) -> None:
    longest = start + tuning_policy().exceptions.maximum_days * DAY
    with records.begin() as session:
        for wrong in (
            _proposal(rules, start + DAY, reason=" "),
            _proposal(rules, start + DAY, reason="x" * 5000),
            _proposal(rules, start),
            _proposal(rules, longest + 1),
        ):
            with pytest.raises(TuningError):
                propose(session, wrong, by())
        assert propose(session, _proposal(rules, longest), by()).expires == longest


def test_hiding_true_positives_must_be_meant(records: RecordsDatabase, rules: RuleSet, by: By, start: int) -> None:
    hides = Retrospect(removed=3, true_positives=["t1"])
    with records.begin() as session:
        with pytest.raises(TruePositivesRemovedError, match="1 alerts"):
            propose(session, _proposal(rules, start + DAY, retrospect=hides), by())
        meant = _proposal(rules, start + DAY, retrospect=hides, true_positives_confirmed=True)
        assert propose(session, meant, by()).backtest["true_positives"] == ["t1"]


def test_the_history_refuses_change(records: RecordsDatabase, rules: RuleSet, by: By, start: int) -> None:
    with records.begin() as session:
        propose(session, _proposal(rules, start + DAY), by())
    for statement in ("UPDATE rule_exception_transitions SET actor = 'x'", "DELETE FROM rule_exception_transitions"):
        with pytest.raises(DBAPIError, match="append-only"), records.begin() as session:
            session.execute(text(statement))
