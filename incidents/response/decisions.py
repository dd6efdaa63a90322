"""What people decide about an incident: its level, its class, its weight, and who leads it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from incidents.classes import check_class
from incidents.errors import IncidentTransitionError
from incidents.flow import STEPS
from incidents.levels import IncidentFacts
from incidents.models import Incident
from incidents.repository.lookup import incident_of
from incidents.response.affected import propose
from incidents.response.recording import Recorded, state_of, write_down
from incidents.texts import bounded_text, checked_reason
from incidents.timeline import TimelineEntry
from incidents.vocabulary import IncidentLevel, TimelineKind
from registry.models import SystemRecord
from registry.registers import Editor


@dataclass(frozen=True, slots=True)
class LevelDecision:
    """The level that a person gives, and why."""

    level: IncidentLevel
    reason: str


@dataclass(frozen=True, slots=True)
class Owner:
    """The account that leads an incident."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Classification:
    """Class and subclass of policies/incidents/classes.yml, and why they change."""

    class_code: str
    subclass_code: str | None
    reason: str = ""


def decide_level(session: Session, incident_id: str, decision: LevelDecision, editor: Editor) -> Incident:
    """Decide the level; the clocks of that level take the place of the others.

    Raises:
        IncidentNotFoundError: there is no such incident in the scope.
        IncidentTransitionError: the incident is ended.
        InvalidIncidentError: the reason is missing.
    """
    incident, before = _open_one(session, incident_id, editor)
    reason = checked_reason(decision.reason)
    incident.level, incident.level_decided_by = int(decision.level), editor.by.responsible_id
    detail = {"level": int(decision.level), "proposed": incident.proposed_level}
    line = TimelineEntry(TimelineKind.LEVEL, incident.id, reason, detail)
    write_down(session, incident, Recorded("decide-level", before, reason), line, editor.by)
    return incident


def weigh(session: Session, incident_id: str, facts: IncidentFacts, editor: Editor) -> Incident:
    """Say what is known of its weight now; the level is proposed anew, a decided one stands.

    Raises:
        IncidentNotFoundError: there is no such incident in the scope.
        IncidentTransitionError: the incident is ended.
    """
    incident, before = _open_one(session, incident_id, editor)
    system = session.get(SystemRecord, incident.system_id) if incident.system_id else None
    propose(incident, facts, system)
    detail: dict[str, object] = {"proposed": incident.proposed_level, "reasons": incident.reasons}
    line = TimelineEntry(TimelineKind.LEVEL, incident.id, detail=detail)
    write_down(session, incident, Recorded("weigh", before), line, editor.by)
    return incident


def reclassify(session: Session, incident_id: str, classification: Classification, editor: Editor) -> Incident:
    """Give an incident another class.

    Raises:
        IncidentNotFoundError: there is no such incident in the scope.
        IncidentTransitionError: the incident is ended.
        InvalidIncidentError: class or subclass is unknown, or the reason is too long.
    """
    incident, before = _open_one(session, incident_id, editor)
    check_class(classification.class_code, classification.subclass_code)
    reason = bounded_text(classification.reason)
    incident.class_code, incident.subclass_code = classification.class_code, classification.subclass_code
    detail = {"class": incident.class_code, "subclass": incident.subclass_code}
    line = TimelineEntry(TimelineKind.CHANGED, incident.id, reason, detail)
    write_down(session, incident, Recorded("reclassify", before, reason or None), line, editor.by)
    return incident


def give_to(session: Session, incident_id: str, owner: Owner | None, editor: Editor) -> Incident:
    """Let somebody lead an incident, None for nobody; the first owner takes it on.

    Raises:
        IncidentNotFoundError: there is no such incident in the scope.
        IncidentTransitionError: the incident is ended.
    """
    incident, before = _open_one(session, incident_id, editor)
    incident.owner_id, incident.owner_name = (owner.id, owner.name) if owner else (None, None)
    if owner is not None:
        incident.acknowledged_ms = incident.acknowledged_ms or editor.by.at_ms
    line = TimelineEntry(TimelineKind.OWNER, incident.id, detail={"owner": incident.owner_name})
    write_down(session, incident, Recorded("assign", before), line, editor.by)
    return incident


def _open_one(session: Session, incident_id: str, editor: Editor) -> tuple[Incident, dict[str, object]]:
    incident = incident_of(session, editor.scope, incident_id, lock=True)
    if incident.state not in STEPS:
        raise IncidentTransitionError(f"Incident #{incident.number} is {incident.state}; reopen it first")
    return incident, state_of(incident)
