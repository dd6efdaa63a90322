"""How each change of an incident is written down: in the audit trail, its timeline and its clocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from audit.authorship import Change, ChangedBy, audit_change
from incidents.clocks.following import follow_incident
from incidents.models import Incident
from incidents.timeline import TimelineEntry, write_line

_STATED = (
    *("title", "unit_id", "system_id", "operator", "class_code", "subclass_code", "proposed_level", "level", "state"),
    *("conclusion", "owner_name", "merged_into_id"),
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A change: ``verb`` with the state before and, where one was given, the reason."""

    verb: str
    before: Mapping[str, object] | None
    reason: str | None = None


def state_of(incident: Incident) -> dict[str, object]:
    """What the audit trail keeps of an incident; people's texts stay out of it."""
    return {name: getattr(incident, name) for name in _STATED}


def write_down(session: Session, incident: Incident, change: Recorded, line: TimelineEntry, by: ChangedBy) -> None:
    """Write a change of an incident down, in the caller's transaction."""
    incident.changed_ms = max(incident.changed_ms, by.at_ms)
    session.flush()
    audited = Change("incident", change.verb, incident.id, change.reason, change.before, state_of(incident))
    audit_change(session, audited, by)
    write_line(session, incident, line, by)
    follow_incident(session, incident, by)
