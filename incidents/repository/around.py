"""What pages show around incidents: the clocks of many at once, their alerts, and the incidents of an alert."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from detection.alerts import Alert, visible_alert
from incidents.models import Clock, Incident, IncidentAlert
from incidents.repository.lookup import visible_incident
from incidents.vocabulary import ClockState, Subject
from registry import UnitScope

_GOING = (ClockState.RUNNING.value, ClockState.PAUSED.value)


def going_clocks(session: Session, subject: Subject, subject_ids: Sequence[str]) -> dict[str, list[Clock]]:
    """The clocks of these that run or are paused, the first due first; ids are those that the caller may see."""
    of_these = (Clock.subject == subject, Clock.subject_id.in_(subject_ids), Clock.state.in_(_GOING))
    found: dict[str, list[Clock]] = {}
    for clock in session.scalars(select(Clock).where(*of_these).order_by(Clock.due_ms, Clock.clock)):
        found.setdefault(clock.subject_id, []).append(clock)
    return found


def alerts_of(session: Session, scope: UnitScope, alert_ids: Sequence[str]) -> list[Alert]:
    """The alerts of these ids that the scope shows, the latest first."""
    wanted = select(Alert).where(Alert.id.in_(alert_ids), visible_alert(scope))
    return list(session.scalars(wanted.order_by(Alert.last_seen.desc())))


def incidents_with(session: Session, scope: UnitScope, alert_id: str) -> list[Incident]:
    """The incidents that an alert is linked to, newest first."""
    linked = select(IncidentAlert.incident_id).where(IncidentAlert.alert_id == alert_id, IncidentAlert.is_linked)
    wanted = select(Incident).where(visible_incident(scope), Incident.id.in_(linked))
    return list(session.scalars(wanted.order_by(Incident.number.desc())))
