"""Alerts linked to an incident: a link and no copy, so that it can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from detection.alerts import Alert, visible_alert
from incidents.errors import AlertNotFoundError, InvalidIncidentError
from incidents.flow import flow_policy
from incidents.models import Incident, IncidentAlert
from incidents.repository.lookup import incident_of
from incidents.response.recording import Recorded, state_of, write_down
from incidents.texts import checked_reason
from incidents.timeline import TimelineEntry
from incidents.vocabulary import TimelineKind
from registry.registers import Editor


@dataclass(frozen=True, slots=True)
class Unlinking:
    """Alerts to be taken out of an incident, and why."""

    alert_ids: tuple[str, ...]
    reason: str


def link_alerts(session: Session, incident_id: str, alert_ids: Sequence[str], editor: Editor) -> list[str]:
    """Link alerts to an incident; returns those that were not linked before.

    Raises:
        IncidentNotFoundError: there is no such incident in the scope.
        AlertNotFoundError: an alert is not there; none was linked.
        InvalidIncidentError: there are more than policy allows at once.
    """
    incident = incident_of(session, editor.scope, incident_id, lock=True)
    return attach_alerts(session, incident, alert_ids, editor)


def unlink_alerts(session: Session, incident_id: str, unlinking: Unlinking, editor: Editor) -> list[str]:
    """Take alerts out of an incident; rules don't link them to it again. Returns those that were linked.

    Raises:
        IncidentNotFoundError: there is no such incident in the scope.
        InvalidIncidentError: the reason is missing.
    """
    incident = incident_of(session, editor.scope, incident_id, lock=True)
    reason = checked_reason(unlinking.reason)
    changed = []
    for alert_id in dict.fromkeys(unlinking.alert_ids):
        link = session.get(IncidentAlert, (incident.id, alert_id))
        if link is not None and link.is_linked:
            link.is_linked, link.changed_ms = False, editor.by.at_ms
            line = TimelineEntry(TimelineKind.ALERT, alert_id, reason, {"linked": False})
            before = {**state_of(incident), "alert": alert_id}
            write_down(session, incident, Recorded("unlink-alert", before, reason), line, editor.by)
            changed.append(alert_id)
    return changed


def attach_alerts(session: Session, incident: Incident, alert_ids: Sequence[str], editor: Editor) -> list[str]:
    """Link alerts to an incident that the caller may change.

    Raises:
        AlertNotFoundError, InvalidIncidentError: as ``link_alerts``.
    """
    wanted, maximum = list(dict.fromkeys(alert_ids)), flow_policy().limits.alerts_at_once
    if len(wanted) > maximum:
        raise InvalidIncidentError(f"At most {maximum} alerts can be linked at once, not {len(wanted)}; select fewer")
    known = set(session.scalars(select(Alert.id).where(Alert.id.in_(wanted), visible_alert(editor.scope))))
    for alert_id in wanted:
        if alert_id not in known:
            raise AlertNotFoundError(f"There is no alert {alert_id[:64]}; it may have been removed, reload the list")
    return [alert_id for alert_id in wanted if _attach(session, incident, alert_id, editor)]


def linked_alert_ids(session: Session, incident_id: str) -> list[str]:
    """The alerts of an incident and of those merged into it."""
    merged = select(Incident.id).where(Incident.merged_into_id == incident_id)
    of_these = (IncidentAlert.incident_id == incident_id) | IncidentAlert.incident_id.in_(merged)
    wanted = select(IncidentAlert.alert_id).where(of_these, IncidentAlert.is_linked).distinct()
    return list(session.scalars(wanted.order_by(IncidentAlert.alert_id)))


def _attach(session: Session, incident: Incident, alert_id: str, editor: Editor) -> bool:
    link = session.get(IncidentAlert, (incident.id, alert_id))
    if link is not None and link.is_linked:
        return False
    link = link or IncidentAlert(incident_id=incident.id, alert_id=alert_id)
    link.is_linked, link.changed_ms = True, editor.by.at_ms
    session.add(link)
    line = TimelineEntry(TimelineKind.ALERT, alert_id, detail={"linked": True})
    before = state_of(incident)
    write_down(session, incident, Recorded("link-alert", before, alert_id), line, editor.by)
    return True
