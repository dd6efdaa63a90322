"""The timeline of an incident: what people, alerts, clocks, notices and runs did, oldest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.authorship import ChangedBy
from detection.alerts import Alert
from incidents.models import Incident, IncidentAlert, TimelineRecord
from incidents.repository.lookup import incident_of
from incidents.texts import bounded_text
from incidents.vocabulary import TimelineKind
from registry import UnitScope


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """What is to be told: ``reference`` is the id of what it tells of, ``detail`` codes and figures.

    ``at_ms`` is when it happened; None is now.
    """

    kind: TimelineKind
    reference: str = ""
    text: str = ""
    detail: Mapping[str, object] = field(default_factory=dict)
    at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One line as it is read; ``id`` is None for what follows from linked alerts and is stored nowhere."""

    at_ms: int
    kind: str
    reference: str
    text: str
    actor_kind: str
    actor: str
    detail: Mapping[str, object] = field(default_factory=dict)
    id: int | None = None
    recorded_ms: int | None = None


def write_line(session: Session, incident: Incident, entry: TimelineEntry, by: ChangedBy) -> None:
    """Append a line to the timeline of an incident that the caller may change; who calls audits what it tells of.

    Raises:
        InvalidIncidentError: the text is too long.
    """
    session.add(
        TimelineRecord(
            incident_id=incident.id,
            at=by.at_ms if entry.at_ms is None else entry.at_ms,
            recorded_ms=by.at_ms,
            kind=entry.kind.value,
            reference=entry.reference,
            text=bounded_text(entry.text),
            detail=dict(entry.detail),
            actor_kind=by.actor.kind,
            actor_id=by.actor.id,
            actor=by.actor.name,
        )
    )


def timeline(session: Session, scope: UnitScope, incident_id: str) -> list[TimelineItem]:
    """The timeline, oldest first, with the first and last event of each linked alert.

    Raises:
        IncidentNotFoundError: there is no such incident in the scope.
    """
    incident = incident_of(session, scope, incident_id)
    rows = session.scalars(select(TimelineRecord).where(TimelineRecord.incident_id == incident.id))
    items = [_item(row) for row in rows.all()] + _alert_items(session, incident.id)
    return sorted(items, key=lambda item: (item.at_ms, item.id is not None, item.id or 0, item.reference))


def _item(row: TimelineRecord) -> TimelineItem:
    return TimelineItem(
        row.at, row.kind, row.reference, row.text, row.actor_kind, row.actor, row.detail, row.id, row.recorded_ms
    )


def _alert_items(session: Session, incident_id: str) -> list[TimelineItem]:
    linked = select(IncidentAlert.alert_id).where(IncidentAlert.incident_id == incident_id, IncidentAlert.is_linked)
    items = []
    for alert in session.scalars(select(Alert).where(Alert.id.in_(linked))):
        moments = {"first_event": alert.first_seen, "last_event": alert.last_seen}
        for place, at in moments.items():
            if place == "first_event" or alert.last_seen != alert.first_seen:
                detail = {"place": place, "level": alert.level, "rule_id": alert.rule_id, "count": alert.count}
                items.append(TimelineItem(at, TimelineKind.EVENT, alert.id, alert.rule_title, "system", "", detail))
    return items
