"""Writing down what was done to a finding: a row of its history, and an audit record in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from audit.authorship import Change, ChangedBy, audit_change
from classification.review.authorship import is_person
from classification.review.models import Finding, FindingState, FindingStep, StepKind


def move(session: Session, row: Finding, kind: StepKind, to_state: FindingState, by: ChangedBy) -> FindingStep:
    """Put a finding into a state and append the step, with the finding as it now is."""
    before, row.state = row.state, to_state.value
    session.add(row)
    session.flush()
    step = FindingStep(
        finding_id=row.id,
        at=by.at_ms,
        kind=kind.value,
        from_state=before,
        to_state=row.state,
        person_id=by.responsible_id,
        actor=by.actor.name,
        grade=row.grade,
        reason=row.reason if kind is StepKind.REJECT else None,
        comment=row.comment if is_person(by) else None,
        detector_version=row.detector_version,
        evidence=row.evidence if row.latest is None else {**row.evidence, "latest": row.latest},
    )
    session.add(step)
    session.flush()
    return step


def audit_step(session: Session, row: Finding, step: FindingStep, by: ChangedBy) -> None:
    """Append a step that a person took to the audit trail."""
    after = {
        "resource": row.resource_id,
        "field": row.field,
        "category": row.category,
        "state": row.state,
        "grade": row.grade,
        "scheme": row.scheme,
        "rejected_as": step.reason,
        "evidence": row.evidence,
    }
    before = {"state": step.from_state}
    change = Change("classification_finding", step.kind, row.id, step.comment, before, _without_fractions(after))
    audit_change(session, change, by)


def audit_scan(session: Session, resource_id: str, changes: Mapping[str, object], by: ChangedBy) -> None:
    """Append what a scan changed in a resource's findings to the audit trail, as one record."""
    audit_change(session, Change("classified_resource", "suggest", resource_id, after=changes), by)


def _without_fractions(values: Mapping[str, object]) -> dict[str, object]:
    """JSON values as the trail takes them: fractions become texts."""
    return {str(name): _written(value) for name, value in values.items()}


def _written(value: object) -> object:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Mapping):
        return _without_fractions(value)
    return [_written(each) for each in value] if isinstance(value, list) else value
