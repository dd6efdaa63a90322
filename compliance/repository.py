"""All reading of assessments, attestations and reports; each within its caller's units."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from compliance.errors import AssessmentNotFoundError
from compliance.items import AttestedItem
from compliance.judgment import Judgment
from compliance.models import Assessment, Attestation, CheckResult, ItemRecord, Report
from compliance.system import registered_system
from registry.models import SystemRecord
from registry.registers import SYSTEMS
from registry.scope import UnitScope


def list_assessments(session: Session, scope: UnitScope, system_id: str, limit: int = 100) -> Sequence[Assessment]:
    """The assessments of a system, the newest first.

    Raises:
        AssessmentNotFoundError: there is no such system in the scope.
    """
    registered_system(session, scope, system_id)
    statement = select(Assessment).where(Assessment.system_id == system_id)
    return session.scalars(statement.order_by(Assessment.created_ms.desc(), Assessment.id).limit(limit)).all()


def latest_assessments(session: Session, scope: UnitScope) -> dict[str, Assessment]:
    """The last assessment that was finished of each system in the scope, by the system's id."""
    statement = (
        select(Assessment)
        .join(SystemRecord, SystemRecord.id == Assessment.system_id)
        .where(SYSTEMS.visible(scope), Assessment.assessed_ms.is_not(None))
        .order_by(Assessment.assessed_ms, Assessment.created_ms)
    )
    return {each.system_id: each for each in session.scalars(statement)}


def get_assessment(session: Session, scope: UnitScope, system_id: str, assessment_id: str) -> Assessment:
    """An assessment of a system.

    Raises:
        AssessmentNotFoundError: there is none in the scope.
    """
    registered_system(session, scope, system_id)
    found = session.get(Assessment, assessment_id)
    if found is None or found.system_id != system_id:
        raise AssessmentNotFoundError(f"system {system_id} has no assessment {assessment_id[:64]}; see the list")
    return found


def check_results(session: Session, assessment_id: str) -> Sequence[CheckResult]:
    """How the checks came out."""
    return session.scalars(select(CheckResult).where(CheckResult.assessment_id == assessment_id)).all()


def item_judgments(session: Session, assessment_id: str) -> dict[str, ItemRecord]:
    """The judgment that holds of each item, by reference."""
    last = select(func.max(ItemRecord.id)).where(ItemRecord.assessment_id == assessment_id).group_by(ItemRecord.ref)
    return {each.ref: each for each in session.scalars(select(ItemRecord).where(ItemRecord.id.in_(last)))}


def item_history(session: Session, assessment_id: str, ref: str) -> Sequence[ItemRecord]:
    """Every judgment of an item, the first one first."""
    statement = select(ItemRecord).where(ItemRecord.assessment_id == assessment_id, ItemRecord.ref == ref)
    return session.scalars(statement.order_by(ItemRecord.id)).all()


def list_attestations(session: Session, scope: UnitScope, system_id: str) -> Sequence[Attestation]:
    """What people attested of a system, the newest first.

    Raises:
        AssessmentNotFoundError: there is no such system in the scope.
    """
    registered_system(session, scope, system_id)
    return _attestations(session, system_id)


def attested_items(session: Session, system_id: str, now: int) -> dict[str, AttestedItem]:
    """The last attestation of each item that was made by a moment, by reference."""
    rows = [each for each in _attestations(session, system_id) if each.attested_ms <= now]
    return {each.ref: AttestedItem(each.id, Judgment(each.judgment), each.valid_until_ms) for each in reversed(rows)}


def attestations_by_id(session: Session, ids: Sequence[str]) -> dict[str, Attestation]:
    """Attestations by their ids."""
    return {each.id: each for each in session.scalars(select(Attestation).where(Attestation.id.in_(ids)))}


def list_reports(session: Session, assessment_id: str) -> Sequence[Report]:
    """The reports over an assessment, the newest first, without what they are made of."""
    statement = select(Report).where(Report.assessment_id == assessment_id)
    lean = (defer(Report.snapshot), defer(Report.content))
    return session.scalars(statement.options(*lean).order_by(Report.created_ms.desc(), Report.id)).all()


def get_report(session: Session, assessment: Assessment, report_id: str) -> Report:
    """A report over an assessment that the caller may see.

    Raises:
        AssessmentNotFoundError: there is none.
    """
    found = session.get(Report, report_id)
    if found is None or found.assessment_id != assessment.id:
        raise AssessmentNotFoundError(f"assessment {assessment.id} has no report {report_id[:64]}; see the list")
    return found


def _attestations(session: Session, system_id: str) -> Sequence[Attestation]:
    statement = select(Attestation).where(Attestation.system_id == system_id)
    return session.scalars(statement.order_by(Attestation.attested_ms.desc(), Attestation.id.desc())).all()
