"""Assessments: asked for, carried out, and kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from sqlalchemy.orm import Session

from audit import Trust, verify_trail
from audit.authorship import Change, ChangedBy, audit_change
from compliance.checks import Surroundings, check_system
from compliance.control_set import control_set
from compliance.event_figures import EventFigures
from compliance.evidence import CheckOutcome
from compliance.items import ItemJudge, ItemJudgment
from compliance.models import Assessment, CheckResult, ItemRecord, WorkState
from compliance.platform_facts import FactsProvider, no_facts
from compliance.repository import attested_items
from compliance.summary import put_totals, summarize
from compliance.system import AssessedSystem, assessed_system, resource_names
from policies.compliance.checks import check_policy
from registry.registers import Editor
from registry.scope import UnitScope
from store.event_store import EventStore
from store.records import RecordsDatabase


@dataclass(frozen=True, slots=True)
class AssessmentSources:
    """What assessments look at beside the records: events, what the platform says of itself, keys of the trail."""

    events: EventStore
    facts: FactsProvider = no_facts
    trust: Trust = field(default_factory=Trust)

    def surroundings(self, session: Session) -> Surroundings:
        """What is the same for every system; checks the whole trail."""
        return Surroundings(self.facts(), verify_trail(session, self.trust), self.trust)


def request_assessment(session: Session, system_id: str, editor: Editor) -> Assessment:
    """Have a system assessed as soon as a worker is free.

    Raises:
        AssessmentNotFoundError: there is no such system in the scope.
        ComplianceError: its levels are not registered, or there is no catalog of them.
    """
    system, by = assessed_system(session, editor.scope, system_id), editor.by
    control_set(system.level_s, system.level_a)
    assessment = Assessment(
        id=uuid4().hex,
        system_id=system.id,
        level_s=system.level_s,
        level_a=system.level_a,
        state=WorkState.QUEUED.value,
        requested_by=by.actor.name,
        created_ms=by.at_ms,
        attempts=0,
    )
    session.add(assessment)
    session.flush()
    after: dict[str, object] = {"system_id": system.id, "level_s": system.level_s, "level_a": system.level_a}
    audit_change(session, Change("assessment", "request", assessment.id, after=after), by)
    return assessment


@dataclass(frozen=True, slots=True)
class _Found:
    system: AssessedSystem
    outcomes: Sequence[CheckOutcome]
    judgments: Sequence[ItemJudgment]


def assess(
    records: RecordsDatabase,
    assessment_id: str,
    sources: AssessmentSources,
    around: Surroundings,
    by: ChangedBy,
) -> None:
    """Carry out an assessment: look, then keep all that was found in one transaction.

    Raises:
        ComplianceError: the system is gone, or lost its levels.
        StoreError: the event store can't answer.
    """
    with records.read() as session:
        found = _look(session, session.get_one(Assessment, assessment_id), sources, around, by.at_ms)
    with records.begin() as session:
        assessment = session.get_one(Assessment, assessment_id)
        if assessment.state == WorkState.DONE.value:
            return
        _keep(session, assessment, found, by)


def _look(
    session: Session, assessment: Assessment, sources: AssessmentSources, around: Surroundings, now: int
) -> _Found:
    policy = check_policy()
    system = assessed_system(session, UnitScope.everything(), assessment.system_id)
    figures = EventFigures(sources.events, system, policy, now)
    outcomes = list(check_system(session, system, policy, figures, around))
    attested = attested_items(session, system.id, now)
    judge = ItemJudge(policy, {each.check: each for each in outcomes}, attested, now)
    places = control_set(assessment.level_s, assessment.level_a)
    return _Found(system, outcomes, [judge.judge(each.item.ref) for each in places])


def _keep(session: Session, assessment: Assessment, found: _Found, by: ChangedBy) -> None:
    session.add_all(_result(assessment.id, each, by.at_ms) for each in found.outcomes)
    session.add_all(_item(assessment.id, each, by.at_ms) for each in found.judgments)
    entry = found.system.entry
    assessment.system = {
        "name": entry.name,
        "filing_number": entry.filing_number,
        "is_critical": entry.is_critical,
        "zone": entry.zone,
        "addresses": list(entry.addresses),
        "resources": resource_names(session, found.system),
        "description": entry.description,
        "events_query": found.system.events_query(check_policy().events),
        "parties": {party: list(unit) for party, unit in found.system.parties.items()},
    }
    assessment.state, assessment.assessed_ms, assessment.problem = WorkState.DONE.value, by.at_ms, None
    session.flush()
    summary = summarize(session, assessment)
    put_totals(assessment, summary)
    counts: dict[str, object] = {judgment.value: count for judgment, count in summary.counts().items()}
    after = {"system_id": assessment.system_id, "total": assessment.total, "rate": assessment.rate, **counts}
    audit_change(session, Change("assessment", "finish", assessment.id, after=after), by)


def _result(assessment_id: str, outcome: CheckOutcome, now: int) -> CheckResult:
    return CheckResult(
        assessment_id=assessment_id,
        check_id=outcome.check,
        judgment=outcome.judgment.value,
        reason=outcome.reason,
        figures=dict(outcome.figures),
        evidence=[each.document() for each in outcome.evidence],
        checked_ms=now,
    )


def _item(assessment_id: str, judged: ItemJudgment, now: int) -> ItemRecord:
    return ItemRecord(
        assessment_id=assessment_id,
        ref=judged.ref,
        judgment=judged.judgment.value,
        source=judged.source.value,
        reason=judged.reason,
        checks=list(judged.checks),
        attestation_id=judged.attestation_id,
        at=now,
    )
