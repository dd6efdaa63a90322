"""Writing down what was done to a finding: a row of its history, and an audit record in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from audit import AuditEntry, record
from classification.review.authorship import ReviewedBy
from classification.review.models import Finding, FindingState, FindingStep, StepKind


def move(session: Session, row: Finding, kind: StepKind, to_state: FindingState, by: ReviewedBy) -> FindingStep:
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
        person_id=by.person_id,
        actor=by.actor.name,
        grade=row.grade,
        reason=row.reason if kind is StepKind.REJECT else None,
        comment=row.comment if by.is_person else None,
        detector_version=row.detector_version,
        evidence=row.evidence if row.latest is None else {**row.evidence, "latest": row.latest},
    )
    session.add(step)
    session.flush()
    return step


def audit_step(session: Session, row: Finding, step: FindingStep, by: ReviewedBy) -> None:
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
    _record(session, ("classification_finding", step.kind, row.id), after, by, step)


def audit_scan(session: Session, resource_id: str, changes: Mapping[str, object], by: ReviewedBy) -> None:
    """Append what a scan changed in a resource's findings to the audit trail, as one record."""
    _record(session, ("classified_resource", "suggest", resource_id), changes, by)


def _record(
    session: Session,
    what: tuple[str, str, str],
    after: Mapping[str, object],
    by: ReviewedBy,
    step: FindingStep | None = None,
) -> None:
    kind, verb, object_id = what
    entry = AuditEntry(
        by.actor,
        f"{kind}:{verb}",
        kind,
        object_id,
        reason=step.comment if step else None,
        before={"state": step.from_state} if step else None,
        after={name: _without_floats(value) for name, value in after.items()},
        request_id=by.request_id,
        source_address=by.source_address,
    )
    record(session, entry)


def _without_floats(value: object) -> object:
    """A JSON value as the trail takes it: fractions become texts."""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Mapping):
        return {str(name): _without_floats(each) for name, each in value.items()}
    return [_without_floats(each) for each in value] if isinstance(value, list) else value
