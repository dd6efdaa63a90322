"""Findings that people propose themselves: a category that no detector can see."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy.orm import Session

from audit.authorship import ChangedBy
from classification.grading import default_scheme
from classification.review.authorship import is_person
from classification.review.errors import FindingNotFoundError, InvalidReviewError, ReviewConflictError
from classification.review.models import Finding, FindingState, StepKind
from classification.review.repository import find_field_finding, find_resource
from classification.review.steps import audit_step, move
from classification.review.suggestions import rank_of
from classification.review.words import kept_words
from registry.scope import UnitScope

_OPEN_OR_CONFIRMED = frozenset({FindingState.SUGGESTED.value, FindingState.CONFIRMED.value})


@dataclass(frozen=True, slots=True)
class Proposal:
    """A category that a field should have; without a grade it gets the scheme's."""

    resource_id: str
    field: str
    category: str
    grade: str | None = None
    comment: str | None = None


def propose(session: Session, scope: UnitScope, proposal: Proposal, by: ChangedBy) -> Finding:
    """Put a finding of one's own to review by another.

    Raises:
        FindingNotFoundError: there is no such resource within the scope.
        ReviewConflictError: it is confirmed or awaits review already.
        UnknownGradeError: the scheme has no such grade.
        InvalidReviewError: no person proposes, the category is unknown, or the comment is too long.
    """
    scheme = default_scheme()
    check_category(proposal.category)
    if not is_person(by):
        raise InvalidReviewError("Only people propose findings; sign in")
    grade = proposal.grade or scheme.grade_of(proposal.category)
    row = _row_for(session, scope, proposal, by)
    row.grade, row.grade_rank, row.scheme = grade, rank_of(scheme, grade), scheme.name
    row.proposed_by, row.proposed_name = by.responsible_id, by.actor.name
    row.comment, row.reason = kept_words(proposal.comment), None
    audit_step(session, row, move(session, row, StepKind.PROPOSE, FindingState.SUGGESTED, by), by)
    return row


def check_category(category: str) -> None:
    """Refuse a category that the scheme doesn't know.

    Raises:
        InvalidReviewError: it doesn't.
    """
    if category not in default_scheme().categories:
        raise InvalidReviewError("There is no such category; see the list of categories")


def is_open_or_confirmed(session: Session, like: Finding, category: str) -> bool:
    """Whether another category of a finding's field awaits review or is confirmed already."""
    known = find_field_finding(session, like.resource_id, like.field, category)
    return known is not None and known.state in _OPEN_OR_CONFIRMED


def _row_for(session: Session, scope: UnitScope, proposal: Proposal, by: ChangedBy) -> Finding:
    resource = find_resource(session, scope, proposal.resource_id)
    if resource is None:
        raise FindingNotFoundError("There is no such resource that you may see; register it, or scan it first")
    known = find_field_finding(session, proposal.resource_id, proposal.field, proposal.category)
    if known is None:
        return Finding(
            id=str(uuid4()),
            resource_id=resource.id,
            field=proposal.field,
            category=proposal.category,
            resource_name=resource.name,
            unit_id=resource.unit_id,
            evidence={},
            detector_version="",
            in_force=False,
            created_ms=by.at_ms,
        )
    if known.state in _OPEN_OR_CONFIRMED:
        raise ReviewConflictError(f"That finding is {known.state} already; confirm, amend or reject it")
    return known
