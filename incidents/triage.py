"""Steps of alert triage: each one a transition of the alert and an audit record, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import Actor, AuditEntry, record
from detection.alerts import (
    Alert,
    AlertState,
    Disposition,
    IllegalTransitionError,
    assign,
    transition,
    visible_alert,
)
from events import now_ms
from incidents.errors import AlertNotFoundError, InvalidStepError
from incidents.policy import disposition_policy
from registry import UnitScope


class StepKind(StrEnum):
    """What can be done to an alert."""

    ACKNOWLEDGE = "acknowledge"
    ASSIGN = "assign"
    CLOSE = "close"
    REOPEN = "reopen"
    COMMENT = "comment"


_TARGET_STATES = {
    StepKind.ACKNOWLEDGE: AlertState.ACKNOWLEDGED,
    StepKind.CLOSE: AlertState.CLOSED,
    StepKind.REOPEN: AlertState.NEW,
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step: ``disposition`` for closing only, ``assignee`` (None: nobody) for assigning only."""

    kind: StepKind
    comment: str | None = None
    disposition: Disposition | None = None
    assignee: str | None = None


@dataclass(frozen=True, slots=True)
class TriagedBy:
    """Who takes the step, with which units' alerts, through which request."""

    actor: Actor
    scope: UnitScope
    request_id: str | None = None
    source_address: str | None = None


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """What a step did to many alerts; ``failed`` says why for each alert that it did not change."""

    changed: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def triage(session: Session, alert_id: str, step: Step, by: TriagedBy) -> Alert:
    """Take one step with one alert.

    Raises:
        AlertNotFoundError: there is no such alert in the scope.
        InvalidStepError: the comment is missing or too long, or a disposition is missing or out of place.
        IllegalTransitionError: the alert's state does not allow the step.
    """
    _check(step)
    # Locked, so that on PostgreSQL two people can't both move it from the same state.
    wanted = select(Alert).where(Alert.id == alert_id, visible_alert(by.scope))
    alert = session.scalar(wanted.with_for_update(of=Alert))
    if alert is None:
        raise AlertNotFoundError(f"There is no alert {alert_id[:64]}; it may have been removed, reload the list")
    before = _state_of(alert)
    _apply(session, alert, step, by.actor.name)
    record(
        session,
        AuditEntry(
            by.actor,
            f"alert:{step.kind}",
            "alert",
            alert.id,
            reason=step.comment,
            before=before,
            after=_state_of(alert),
            request_id=by.request_id,
            source_address=by.source_address,
        ),
    )
    return alert


def triage_many(session: Session, alert_ids: Sequence[str], step: Step, by: TriagedBy) -> BulkOutcome:
    """Take one step with many alerts; those that can't take it are named and left as they are.

    Raises:
        InvalidStepError: the step itself is not valid, or there are more alerts than policy allows at once.
    """
    _check(step)
    maximum = disposition_policy().bulk_maximum
    if len(alert_ids) > maximum:
        raise InvalidStepError(f"At most {maximum} alerts can be changed at once, not {len(alert_ids)}; select fewer")
    outcome = BulkOutcome()
    for alert_id in dict.fromkeys(alert_ids):
        try:
            triage(session, alert_id, step, by)
        except (AlertNotFoundError, IllegalTransitionError) as error:
            outcome.failed[alert_id] = str(error)
        else:
            outcome.changed.append(alert_id)
    return outcome


def _check(step: Step) -> None:
    maximum = disposition_policy().comment_maximum_length
    if step.comment is not None and len(step.comment) > maximum:
        raise InvalidStepError(f"A comment has at most {maximum} characters; shorten it")
    if step.kind is StepKind.COMMENT and not (step.comment or "").strip():
        raise InvalidStepError("A comment needs words")
    if (step.kind is StepKind.CLOSE) != (step.disposition is not None):
        raise InvalidStepError("Closing an alert needs a disposition, and no other step takes one")


def _apply(session: Session, alert: Alert, step: Step, actor: str) -> None:
    moment, target = now_ms(), _TARGET_STATES.get(step.kind)
    if target is not None:
        transition(
            session, alert, target, actor=actor, now_ms=moment, reason=step.comment, disposition=step.disposition
        )
    else:
        assignee = step.assignee if step.kind is StepKind.ASSIGN else alert.assignee
        assign(session, alert, assignee, actor=actor, now_ms=moment, reason=step.comment)


def _state_of(alert: Alert) -> dict[str, object]:
    return {"state": alert.state, "disposition": alert.disposition, "assignee": alert.assignee}
