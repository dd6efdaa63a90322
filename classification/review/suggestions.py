"""What scans suggest: new findings, new evidence for known ones; and never a change to what people decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import uuid4

from sqlalchemy.orm import Session

from audit.authorship import ChangedBy
from classification.grading import Scheme, default_scheme
from classification.review.authorship import SYSTEM, SYSTEM_NAME
from classification.review.models import (
    NAME_LENGTH,
    Disagreement,
    Finding,
    FindingState,
    StepKind,
)
from classification.review.observation import Evidence, FieldFinding, ResourceScan, evidence_of, kept_field
from classification.review.publication import publish
from classification.review.reevaluation import (
    disagreement_when_missed,
    disagreement_when_seen,
    is_of_a_person,
    is_taken_back,
)
from classification.review.repository import findings_of_resource, note_resource
from classification.review.steps import audit_scan, move

_UNGRADED_RANK = -1


@dataclass(frozen=True, slots=True)
class SuggestionOutcome:
    """What a scan changed: new suggestions, those taken back, and what it says against people; ``field: category``."""

    suggested: list[str] = field(default_factory=list)
    superseded: list[str] = field(default_factory=list)
    disagreeing: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Intake:
    """One scan being taken over."""

    session: Session
    scan: ResourceScan
    scheme: Scheme
    by: ChangedBy
    outcome: SuggestionOutcome


def suggest(session: Session, scan: ResourceScan, by: ChangedBy) -> SuggestionOutcome:
    """Take over what a scan saw in one resource, in the caller's transaction.

    What nobody knew becomes a suggestion. A decision that people made, and what a person proposed, stay as they are;
    the new evidence stands beside them, and where it says otherwise they are marked. A suggestion that nobody touched
    and that newer detectors don't see any more is superseded. The same scan again changes nothing.
    """
    intake = _Intake(session, scan, default_scheme(), by, SuggestionOutcome())
    note_resource(session, scan.resource_id, _resource_values(scan, by.at_ms))
    known = {(row.field, row.category): row for row in findings_of_resource(session, scan.resource_id, lock=True)}
    seen = _strongest(scan)
    for key, each in seen.items():
        _take(intake, known.get(key), key, each)
    looked_at = {kept_field(name) for name in scan.fields}
    for key, row in known.items():
        if key not in seen and row.field in looked_at:
            _miss(intake, row)
    _audit(intake)
    if any(row.in_force for row in known.values()):
        publish(session, scan.resource_id, by)  # the subjects it counted may raise the grade of what is confirmed
    return intake.outcome


def suggest_unknown(session: Session, scan: ResourceScan, by: ChangedBy) -> SuggestionOutcome:
    """Suggest what nobody knew of a resource and leave the rest alone: for evidence that no value stands behind."""
    intake = _Intake(session, scan, default_scheme(), by, SuggestionOutcome())
    known = {(row.field, row.category) for row in findings_of_resource(session, scan.resource_id, lock=True)}
    for key, each in _strongest(scan).items():
        if key not in known:
            _suggest(intake, _new_row(intake, key), evidence_of(scan, each, by.at_ms))
    if intake.outcome.suggested:
        _audit(intake)
    return intake.outcome


def rank_of(scheme: Scheme, grade: str | None) -> int:
    """How high a finding of a grade stands in lists; below all where it is not graded."""
    return _UNGRADED_RANK if grade is None else scheme.rank(grade)


def _take(intake: _Intake, row: Finding | None, key: tuple[str, str], seen: FieldFinding) -> None:
    evidence = evidence_of(intake.scan, seen, intake.by.at_ms)
    if row is None:
        _suggest(intake, _new_row(intake, key), evidence)
    elif row.state == FindingState.SUPERSEDED.value:
        _suggest(intake, row, evidence)
    elif is_of_a_person(row):
        row.latest = evidence
        _observe(intake, row, disagreement_when_seen(row, evidence))
    else:
        changed = row.detector_version != intake.scan.detector_version
        _fill(intake, row, evidence)
        if changed:
            move(intake.session, row, StepKind.OBSERVE, FindingState.SUGGESTED, intake.by)


def _miss(intake: _Intake, row: Finding) -> None:
    if is_taken_back(row, intake.scan.detector_version):
        row.detector_version = intake.scan.detector_version
        move(intake.session, row, StepKind.SUPERSEDE, FindingState.SUPERSEDED, intake.by)
        intake.outcome.superseded.append(_name(row))
    elif is_of_a_person(row):
        _observe(intake, row, disagreement_when_missed(row))


def _suggest(intake: _Intake, row: Finding, evidence: Evidence) -> None:
    _fill(intake, row, evidence)
    row.proposed_by, row.proposed_name = SYSTEM, SYSTEM_NAME
    move(intake.session, row, StepKind.SUGGEST, FindingState.SUGGESTED, intake.by)
    intake.outcome.suggested.append(_name(row))


def _observe(intake: _Intake, row: Finding, disagreement: Disagreement | None) -> None:
    """Keep what a scan says beside a person's word; a step only where it says something new."""
    version = intake.scan.detector_version
    news = (row.disagreement, row.detector_version) != (disagreement, version)
    row.disagreement, row.detector_version = disagreement, version
    if news:
        move(intake.session, row, StepKind.OBSERVE, FindingState(row.state), intake.by)
    if disagreement is not None:
        intake.outcome.disagreeing.append(_name(row))


def _fill(intake: _Intake, row: Finding, evidence: Evidence) -> None:
    row.grade, row.scheme = intake.scheme.grade_of(row.category), intake.scheme.name
    row.grade_rank = rank_of(intake.scheme, row.grade)
    row.evidence, row.detector_version = evidence, intake.scan.detector_version
    row.resource_name, row.unit_id = intake.scan.resource_name[:NAME_LENGTH], intake.scan.unit_id


def _new_row(intake: _Intake, key: tuple[str, str]) -> Finding:
    return Finding(
        id=str(uuid4()),
        resource_id=intake.scan.resource_id,
        field=key[0],
        category=key[1],
        created_ms=intake.by.at_ms,
        in_force=False,
    )


def _resource_values(scan: ResourceScan, at_ms: int) -> dict[str, object]:
    return {
        "resource_name": scan.resource_name[:NAME_LENGTH],
        "unit_id": scan.unit_id,
        "scan_id": scan.scan_id,
        "scanned_ms": at_ms,
        "detector_version": scan.detector_version,
        "fields": len(scan.fields),
        "subjects": scan.subjects,
    }


def _strongest(scan: ResourceScan) -> dict[tuple[str, str], FieldFinding]:
    """One finding for each field and category: the surest, where fields share a kept name."""
    strongest: dict[tuple[str, str], FieldFinding] = {}
    for each in scan.findings:
        key = (kept_field(each.field), each.found.category)
        if key not in strongest or strongest[key].found.confidence < each.found.confidence:
            strongest[key] = each
    return strongest


def _audit(intake: _Intake) -> None:
    outcome, scan = intake.outcome, intake.scan
    changes: dict[str, object] = {
        "scan": scan.scan_id,
        "detector_version": scan.detector_version,
        "suggested": outcome.suggested,
        "superseded": outcome.superseded,
        "disagreeing": outcome.disagreeing,
    }
    audit_scan(intake.session, scan.resource_id, changes, intake.by)


def _name(row: Finding) -> str:
    return f"{row.field}: {row.category}"
