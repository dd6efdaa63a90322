"""Queries over alerts for those who work the queue."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, not_, select
from sqlalchemy.orm import Session

from detection.alerts import Alert, AlertState, is_silenced, visible_alert
from events import now_ms
from registry import UnitScope


@dataclass(frozen=True, slots=True)
class QueuePulse:
    """What changes whenever the queue does: open alerts that are not silenced, by state, and the latest change (ms)."""

    new: int
    acknowledged: int
    updated_ms: int | None


def queue_pulse(session: Session, scope: UnitScope) -> QueuePulse:
    """The state of the queue that a scope shows, at this moment."""
    statement = select(Alert.state, func.count(), func.max(Alert.updated))
    shown = statement.where(visible_alert(scope), not_(is_silenced(now_ms())))
    rows = session.execute(shown.group_by(Alert.state)).all()
    by_state = {state: number for state, number, _ in rows}
    latest = max((updated for _, _, updated in rows), default=None)
    return QueuePulse(by_state.get(AlertState.NEW, 0), by_state.get(AlertState.ACKNOWLEDGED, 0), latest)


def count_similar(session: Session, scope: UnitScope, alert: Alert) -> dict[str, int]:
    """How the other alerts of the same rule ended, by disposition; those still open count as ``""``."""
    similar = (visible_alert(scope), Alert.rule_id == alert.rule_id, Alert.id != alert.id)
    rows = session.execute(select(Alert.disposition, func.count()).where(*similar).group_by(Alert.disposition))
    return {disposition or "": number for disposition, number in rows}
