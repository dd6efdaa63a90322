"""Queries over alerts for those who work the queue."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, not_, select
from sqlalchemy.orm import Session

from detection.alerts import Alert, AlertState, is_silenced
from events import now_ms


@dataclass(frozen=True, slots=True)
class QueuePulse:
    """What changes whenever the queue does: open alerts that are not silenced, by state, and the latest change (ms)."""

    new: int
    acknowledged: int
    updated_ms: int | None


def queue_pulse(session: Session) -> QueuePulse:
    """The state of the queue at this moment."""
    statement = select(Alert.state, func.count(), func.max(Alert.updated)).where(not_(is_silenced(now_ms())))
    rows = session.execute(statement.group_by(Alert.state)).all()
    by_state = {state: number for state, number, _ in rows}
    latest = max((updated for _, _, updated in rows), default=None)
    return QueuePulse(by_state.get(AlertState.NEW, 0), by_state.get(AlertState.ACKNOWLEDGED, 0), latest)


def count_similar(session: Session, alert: Alert) -> dict[str, int]:
    """How the other alerts of the same rule ended, by disposition; those still open count as ``""``."""
    statement = select(Alert.disposition, func.count()).where(Alert.rule_id == alert.rule_id, Alert.id != alert.id)
    return {disposition or "": number for disposition, number in session.execute(statement.group_by(Alert.disposition))}
