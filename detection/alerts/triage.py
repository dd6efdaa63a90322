"""The state machine of an alert: who may move where, and the append-only trace of each move."""

from __future__ import annotations

from sqlalchemy.orm import Session

from detection.alerts.models import Alert, AlertState, AlertTransition, Disposition
from detection.errors import DetectionError

_ALLOWED: dict[str, frozenset[str]] = {
    AlertState.NEW: frozenset({AlertState.ACKNOWLEDGED, AlertState.CLOSED}),
    AlertState.ACKNOWLEDGED: frozenset({AlertState.NEW, AlertState.CLOSED}),
    AlertState.CLOSED: frozenset({AlertState.NEW, AlertState.ACKNOWLEDGED}),
}


class IllegalTransitionError(DetectionError):
    """An alert can't go from its state to the one asked for, or a disposition is missing or out of place."""


def transition(  # noqa: PLR0913 (who, when, where to and why are each their own fact)
    session: Session,
    alert: Alert,
    to_state: AlertState,
    *,
    actor: str,
    now_ms: int,
    reason: str | None = None,
    disposition: Disposition | None = None,
) -> AlertTransition:
    """Move an alert to another state and append the move to its history; closing needs a disposition.

    Raises:
        IllegalTransitionError: the state machine has no such move; nothing was changed.
    """
    if to_state not in _ALLOWED[alert.state]:
        allowed = ", ".join(sorted(_ALLOWED[alert.state]))
        raise IllegalTransitionError(
            f"alert {alert.id}: cannot go from {alert.state} to {to_state.value}; possible: {allowed}"
        )
    if (to_state is AlertState.CLOSED) != (disposition is not None):
        raise IllegalTransitionError(
            f"alert {alert.id}: a disposition is given when an alert is closed, and only then; "
            f"choose one of {', '.join(Disposition)}"
        )
    step = _append(session, alert, actor, now_ms, reason)
    alert.state = step.to_state = to_state.value
    alert.disposition = step.disposition = disposition.value if disposition else None
    if to_state is AlertState.ACKNOWLEDGED and alert.assignee is None:
        alert.assignee = step.assignee = actor
    session.flush()
    return step


def assign(  # noqa: PLR0913 (as transition)
    session: Session, alert: Alert, assignee: str | None, *, actor: str, now_ms: int, reason: str | None = None
) -> AlertTransition:
    """Give an alert to somebody (None: to nobody) and append that to its history."""
    step = _append(session, alert, actor, now_ms, reason)
    alert.assignee = step.assignee = assignee
    session.flush()
    return step


def _append(session: Session, alert: Alert, actor: str, now_ms: int, reason: str | None) -> AlertTransition:
    step = AlertTransition(
        alert_id=alert.id,
        at=now_ms,
        from_state=alert.state,
        to_state=alert.state,
        actor=actor,
        reason=reason,
        disposition=alert.disposition,
        assignee=alert.assignee,
    )
    session.add(step)
    alert.updated = now_ms
    return step
