"""What people do with findings: propose, amend, confirm, reject; nobody decides on what is their own."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from audit.authorship import ChangedBy
from classification.grading import default_scheme
from classification.review.authorship import is_person
from classification.review.errors import InvalidReviewError, ReviewConflictError, SamePersonError
from classification.review.models import Finding, FindingState, RejectReason, StepKind
from classification.review.policy import review_policy
from classification.review.proposals import Proposal, check_category, is_open_or_confirmed, propose
from classification.review.publication import publish
from classification.review.repository import get_finding
from classification.review.steps import audit_step, move
from classification.review.words import kept_words
from registry.scope import UnitScope


@dataclass(frozen=True, slots=True)
class Confirmation:
    """That a finding is so."""

    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a finding is not so; ``instead`` is the category that a wrong one should be, proposed in its place."""

    reason: RejectReason
    comment: str | None = None
    instead: str | None = None


@dataclass(frozen=True, slots=True)
class Amendment:
    """Why a finding is to be reviewed again; ``grade`` None leaves the one that it has."""

    comment: str
    grade: str | None = None


def confirm(session: Session, scope: UnitScope, finding_id: str, confirmation: Confirmation, by: ChangedBy) -> Finding:
    """Decide that a finding is so, or that a confirmed one still is; the registry gets its category and grade.

    Raises:
        FindingNotFoundError: there is none within the scope.
        ReviewConflictError: it was rejected or superseded.
        SamePersonError: whoever confirms has proposed or edited it.
        InvalidReviewError: no person decides, or the comment is too long.
    """
    row = decide(session, scope, finding_id, confirmation, by)
    publish(session, row.resource_id, by)
    return row


def reject(session: Session, scope: UnitScope, finding_id: str, rejection: Rejection, by: ChangedBy) -> Finding:
    """Decide that a finding is not so; the registry loses it where it was in force.

    Raises:
        FindingNotFoundError: there is none within the scope.
        ReviewConflictError: it is not suggested; what was confirmed is amended first.
        SamePersonError: whoever rejects has proposed or edited it.
        InvalidReviewError: no person decides, the comment is too long, or ``instead`` is out of place or unknown.
    """
    row = decide(session, scope, finding_id, rejection, by)
    publish(session, row.resource_id, by)
    return row


def decide(
    session: Session, scope: UnitScope, finding_id: str, decision: Confirmation | Rejection, by: ChangedBy
) -> Finding:
    """Take a decision and leave the registry to the caller, who may have more of them; raises as the others do."""
    row = get_finding(session, scope, finding_id, lock=True)
    if isinstance(decision, Confirmation):
        _confirm(session, row, decision, by)
    else:
        _reject(session, row, decision, by)
        if decision.instead is not None and not is_open_or_confirmed(session, row, decision.instead):
            proposal = Proposal(row.resource_id, row.field, decision.instead, comment=decision.comment)
            propose(session, scope, proposal, by)
    return row


def amend(session: Session, scope: UnitScope, finding_id: str, amendment: Amendment, by: ChangedBy) -> Finding:
    """Put a finding to review again, with another grade where one is named; what was in force stays until decided.

    Raises:
        FindingNotFoundError: there is none within the scope.
        ReviewConflictError: it is superseded.
        UnknownGradeError: the scheme has no such grade.
        InvalidReviewError: no person amends, or the comment is missing or too long.
    """
    row = get_finding(session, scope, finding_id, lock=True)
    if row.state == FindingState.SUPERSEDED.value:
        raise ReviewConflictError("The finding is superseded; propose it anew")
    if not amendment.comment.strip():
        raise InvalidReviewError("Say in a comment why the finding should be reviewed again")
    _require_person(by)
    if amendment.grade is not None:
        scheme = default_scheme()
        row.grade, row.grade_rank, row.scheme = amendment.grade, scheme.rank(amendment.grade), scheme.name
    row.comment, row.reason = kept_words(amendment.comment), None
    row.proposed_by, row.proposed_name = by.responsible_id, by.actor.name
    audit_step(session, row, move(session, row, StepKind.AMEND, FindingState.SUGGESTED, by), by)
    return row


def _confirm(session: Session, row: Finding, confirmation: Confirmation, by: ChangedBy) -> None:
    if row.state not in (FindingState.SUGGESTED.value, FindingState.CONFIRMED.value):
        raise ReviewConflictError(f"The finding is {row.state}; amend it first, then another person confirms it")
    _note_decision(row, by, confirmation.comment)
    row.reason = None
    row.in_force, row.grade_in_force = True, row.grade
    row.review_due_ms = review_policy().rereview_days.due_ms(row.grade, by.at_ms)
    audit_step(session, row, move(session, row, StepKind.CONFIRM, FindingState.CONFIRMED, by), by)


def _reject(session: Session, row: Finding, rejection: Rejection, by: ChangedBy) -> None:
    if row.state != FindingState.SUGGESTED.value:
        raise ReviewConflictError(f"The finding is {row.state}; amend it first, then another person rejects it")
    if rejection.instead is not None and rejection.reason is not RejectReason.WRONG_CATEGORY:
        raise InvalidReviewError("Another category is named only where the reason is wrong_category")
    if rejection.instead is not None:
        check_category(rejection.instead)
    _note_decision(row, by, rejection.comment)
    row.reason, row.review_due_ms = rejection.reason.value, None
    row.in_force, row.grade_in_force = False, None
    audit_step(session, row, move(session, row, StepKind.REJECT, FindingState.REJECTED, by), by)


def _note_decision(row: Finding, by: ChangedBy, comment: str | None) -> None:
    """Note who decided, on the latest evidence."""
    _require_person(by)
    if row.proposed_by == by.responsible_id:
        raise SamePersonError("Whoever proposed or edited a finding can't decide on it; ask a colleague")
    row.comment = kept_words(comment)
    row.decided_by, row.decided_name, row.decided_ms = by.responsible_id, by.actor.name, by.at_ms
    if row.latest is not None:
        row.evidence, row.latest = row.latest, None
    row.disagreement = None


def _require_person(by: ChangedBy) -> None:
    if not is_person(by):
        raise InvalidReviewError("Only people decide on findings; sign in")
