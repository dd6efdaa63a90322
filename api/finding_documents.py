"""Findings under review as the API shows them: masked evidence alone."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from api.moments import Moment
from classification.grading import GradeDecision
from classification.review import Disagreement, Finding, FindingState, FindingStep, RejectReason


class FindingDocument(BaseModel):
    """One category in one field, with the evidence that it rests on and, beside a decision, the latest.

    ``disagreement`` says what the latest scan holds against the decision; ``in_force`` is what the catalog has.
    """

    id: str
    resource_id: str
    resource_name: str
    field: str
    category: str
    state: FindingState
    grade: str | None
    scheme: str
    evidence: dict[str, Any]
    latest: dict[str, Any] | None
    disagreement: Disagreement | None
    detector_version: str
    proposed_by: str
    decided_by: str | None
    decided: Moment | None
    reason: RejectReason | None
    comment: str | None
    review_due: Moment | None
    in_force: bool
    grade_in_force: str | None
    created: Moment


class FindingStepDocument(BaseModel):
    """One step in a finding's life."""

    at: Moment
    kind: str
    from_state: str | None
    to_state: str
    actor: str
    grade: str | None
    reason: str | None
    comment: str | None
    detector_version: str


class ReasonDocument(BaseModel):
    """One line of why a resource has its grade."""

    kind: str
    subject: str
    grade: str | None
    zh: str
    en: str
    unverified: bool


class FindingDetail(FindingDocument):
    """A finding with its history, and why its resource is graded as it is by what is confirmed so far."""

    history: list[FindingStepDocument]
    resource_grade: str | None
    resource_reasons: list[ReasonDocument]


class FindingList(BaseModel):
    """A page of findings, the highest grade first, with how many there are in each state."""

    findings: list[FindingDocument]
    counts: dict[str, int]
    next_cursor: str | None


def finding_document(row: Finding) -> FindingDocument:
    """The document of a finding."""
    return FindingDocument(**_fields(row))


def finding_detail(row: Finding, steps: list[FindingStep], decided: GradeDecision) -> FindingDetail:
    """The whole of a finding."""
    return FindingDetail(
        **_fields(row),
        history=[FindingStepDocument.model_validate(step, from_attributes=True) for step in steps],
        resource_grade=decided.grade,
        resource_reasons=[ReasonDocument.model_validate(each, from_attributes=True) for each in decided.reasons],
    )


def _fields(row: Finding) -> dict[str, Any]:
    renamed = {
        "proposed_by": row.proposed_name,
        "decided_by": row.decided_name,
        "decided": row.decided_ms,
        "review_due": row.review_due_ms,
        "created": row.created_ms,
    }
    stored = FindingDocument.model_fields.keys() - renamed.keys()
    return {name: getattr(row, name) for name in stored} | renamed
