"""The life of an exception: proposed, approved, and ended by time or by people; each step appended and audited."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from detection.authorship import Change, ChangedBy, audit_change, by_itself
from detection.rules import Rule
from detection.tuning.errors import (
    ExceptionNotFoundError,
    TruePositivesRemovedError,
    TuningConflictError,
    TuningError,
)
from detection.tuning.filter_document import read_filter
from detection.tuning.matching import LiveException
from detection.tuning.models import ExceptionState, RuleException, RuleExceptionTransition
from detection.tuning.policy import DAY_MS, tuning_policy
from detection.tuning.retrospect import Retrospect

_EXPIRED = "its time is over"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ExceptionProposal:
    """An exception to be made.

    Attributes:
        rule: the rule that it is made to.
        document: its Sigma filter.
        reason: why; required.
        expires_ms: its end; required.
        retrospect: what it would have removed.
        alert_id: the alert that gave the occasion.
        true_positives_confirmed: hiding alerts that people closed as true positives is meant.
    """

    rule: Rule
    document: dict[str, object]
    reason: str
    expires_ms: int
    retrospect: Retrospect
    alert_id: str | None = None
    true_positives_confirmed: bool = False


def propose(session: Session, proposal: ExceptionProposal, by: ChangedBy) -> RuleException:
    """Save an exception; it applies once it is approved.

    Raises:
        TuningError: the reason or the end is missing or beyond policy, or the document is no filter.
        TruePositivesRemovedError: it would have hidden true positives, and that is not confirmed.
    """
    _check(proposal, by.at_ms)
    row = RuleException(
        id=str(uuid4()),
        rule_id=proposal.rule.id,
        rule_title=proposal.rule.title,
        document=proposal.document,
        owner=by.actor.name,
        reason=proposal.reason.strip(),
        state=ExceptionState.PROPOSED.value,
        created=by.at_ms,
        expires=proposal.expires_ms,
        alert_id=proposal.alert_id,
        backtest=proposal.retrospect.as_json(),
    )
    row.document = {"title": row.document["title"], "id": row.id, **row.document}
    session.add(row)
    session.flush()
    _append(session, row, None, by)
    after = {"rule_id": row.rule_id, "document": row.document, "expires": row.expires, "backtest": row.backtest}
    audit_change(session, Change("exception", "propose", row.id, row.reason, after=after), by)
    return row


def approve(session: Session, exception_id: str, by: ChangedBy) -> RuleException:
    """Let a proposed exception apply from now on.

    Raises:
        ExceptionNotFoundError: there is none of this id.
        TuningConflictError: it is not proposed, has expired, or policy wants somebody else to approve it.
    """
    row = get_exception(session, exception_id, lock=True)
    if row.state != ExceptionState.PROPOSED or row.expires <= by.at_ms:
        raise TuningConflictError(f"The exception is {effective_state(row, by.at_ms)}; only a proposed one is approved")
    if tuning_policy().exceptions.approval_by_another and row.owner == by.actor.name:
        raise TuningConflictError(
            "Policy wants an exception approved by somebody other than its owner; ask a colleague"
        )
    row.approved, row.approved_by = by.at_ms, by.actor.name
    _move(session, row, ExceptionState.ACTIVE, by)
    audit_change(session, _change(row, "approve"), by)
    return row


def withdraw(session: Session, exception_id: str, reason: str, by: ChangedBy) -> RuleException:
    """End an exception before its time.

    Raises:
        ExceptionNotFoundError: there is none of this id.
        TuningConflictError: it has ended already.
        TuningError: there is no reason.
    """
    row = get_exception(session, exception_id, lock=True)
    if effective_state(row, by.at_ms) not in (ExceptionState.PROPOSED, ExceptionState.ACTIVE):
        raise TuningConflictError(f"The exception is {effective_state(row, by.at_ms)}; it has ended already")
    _check_reason(reason)
    _move(session, row, ExceptionState.WITHDRAWN, by, reason.strip())
    audit_change(session, _change(row, "withdraw", reason.strip()), by)
    return row


def expire_due(session: Session, now_ms: int) -> int:
    """Write down that exceptions whose time is over have expired; they stopped applying at that moment anyway."""
    lasting = (ExceptionState.PROPOSED.value, ExceptionState.ACTIVE.value)
    due = select(RuleException).where(RuleException.state.in_(lasting), RuleException.expires <= now_ms)
    rows = list(session.scalars(due.with_for_update()))
    for row in rows:
        _move(session, row, ExceptionState.EXPIRED, by_itself(now_ms), _EXPIRED)
        audit_change(session, _change(row, "expire", _EXPIRED), by_itself(now_ms))
    return len(rows)


def any_due(session: Session, now_ms: int) -> bool:
    """Whether ``expire_due`` has anything to do; only reads."""
    lasting = (ExceptionState.PROPOSED.value, ExceptionState.ACTIVE.value)
    due = select(RuleException.id).where(RuleException.state.in_(lasting), RuleException.expires <= now_ms)
    return session.scalar(due.limit(1)) is not None


def get_exception(session: Session, exception_id: str, *, lock: bool = False) -> RuleException:
    """The exception of an id; ``lock`` keeps others from moving it before the transaction ends.

    Raises:
        ExceptionNotFoundError: there is none.
    """
    row = session.get(RuleException, exception_id, with_for_update=lock)
    if row is None:
        raise ExceptionNotFoundError("There is no exception of this id; reload the list")
    return row


def live_exceptions(session: Session) -> list[LiveException]:
    """The approved exceptions, ready to be compiled with the rules.

    One whose document can't be read any more is told and withholds nothing: rather an alert too many than none at all.
    """
    live = []
    for row in session.scalars(select(RuleException).where(RuleException.state == ExceptionState.ACTIVE.value)):
        try:
            live.append(LiveException(row.id, row.rule_id, read_filter(row.document), row.expires))
        except TuningError as error:
            _log.warning("exception not in force", exception=row.id, reason=str(error))
    return live


def effective_state(row: RuleException, now_ms: int) -> ExceptionState:
    """The state at a moment: what has passed its end is expired, whether that is written down or not."""
    state = ExceptionState(row.state)
    return ExceptionState.EXPIRED if state is not ExceptionState.WITHDRAWN and row.expires <= now_ms else state


def _check(proposal: ExceptionProposal, now_ms: int) -> None:
    policy = tuning_policy().exceptions
    _check_reason(proposal.reason)
    if not now_ms < proposal.expires_ms <= now_ms + policy.maximum_days * DAY_MS:
        message = f"An exception ends in the future, within {policy.maximum_days} days; change its end"
        raise TuningError(message, "exception_end")
    read_filter(proposal.document)
    removed = proposal.retrospect.true_positives
    if removed and not proposal.true_positives_confirmed:
        raise TruePositivesRemovedError(
            f"The exception would have hidden {len(removed)} alerts that were closed as true positives; "
            "narrow it, or confirm that this is meant"
        )


def _check_reason(reason: str) -> None:
    longest = tuning_policy().exceptions.reason_maximum_length
    if not 0 < len(reason.strip()) <= longest:
        raise TuningError(f"A reason is needed, with at most {longest} characters", "reason_needed")


def _move(
    session: Session, row: RuleException, to_state: ExceptionState, by: ChangedBy, reason: str | None = None
) -> None:
    before, row.state = row.state, to_state.value
    _append(session, row, before, by, reason)


def _append(session: Session, row: RuleException, before: str | None, by: ChangedBy, reason: str | None = None) -> None:
    session.add(
        RuleExceptionTransition(
            exception_id=row.id,
            at=by.at_ms,
            from_state=before,
            to_state=row.state,
            actor=by.actor.name,
            reason=reason or (row.reason if before is None else None),
        )
    )
    session.flush()


def _change(row: RuleException, verb: str, reason: str | None = None) -> Change:
    return Change("exception", verb, row.id, reason, after={"rule_id": row.rule_id, "state": row.state})
