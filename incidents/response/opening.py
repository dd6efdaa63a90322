"""Opens incidents: by a rule, by hand, over the API or by a playbook."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audit.trail import wait_for_other_writers
from incidents.classes import check_class
from incidents.errors import InvalidIncidentError
from incidents.levels import IncidentFacts
from incidents.models import Incident, IncidentTransition
from incidents.response.affected import stand_under
from incidents.response.links import attach_alerts
from incidents.response.recording import Recorded, write_down
from incidents.texts import bounded_text, checked_title
from incidents.timeline import TimelineEntry
from incidents.vocabulary import IncidentSource, IncidentState, Operator, TimelineKind
from registry.models import SystemRecord
from registry.registers import Editor
from registry.repository.scoping import sees_unit


@dataclass(frozen=True, slots=True)
class NewIncident:
    """An incident to be opened.

    Attributes:
        class_code, subclass_code: of policies/incidents/classes.yml.
        unit_id: whose it is; None takes the operator of the system, or the center alone.
        operator: whose duty to report; None takes what the registry says of the system.
        discovered_ms: when somebody knew of it, from which reporting counts; None is now.
        group_key: under which a rule finds it again to link further alerts.
    """

    title: str
    class_code: str
    subclass_code: str | None = None
    summary: str = ""
    unit_id: str | None = None
    system_id: str | None = None
    source: IncidentSource = IncidentSource.PERSON
    facts: IncidentFacts = field(default_factory=IncidentFacts)
    operator: Operator | None = None
    discovered_ms: int | None = None
    alert_ids: tuple[str, ...] = ()
    group_key: str | None = None


def open_incident(session: Session, new: NewIncident, editor: Editor) -> Incident:
    """Open an incident with a proposed level; its clocks start and its alerts are linked.

    Raises:
        InvalidIncidentError: class, unit, system, time or a text is not valid, or the unit is not the caller's.
        AlertNotFoundError: an alert to be linked is not there.
    """
    check_class(new.class_code, new.subclass_code)
    system = _system(session, new, editor)
    unit_id = new.unit_id or (system.operator_id if system else None)
    _check_unit(session, unit_id, editor)
    incident = _row(session, new, editor, unit_id)
    stand_under(incident, system)
    if new.operator is not None:
        incident.operator = new.operator.value
    session.add(incident)
    session.flush()
    _append_opening(session, incident, editor)
    detail: dict[str, object] = {"number": incident.number, "level": incident.proposed_level, "source": incident.source}
    line = TimelineEntry(TimelineKind.OPENED, incident.id, new.summary, detail)
    write_down(session, incident, Recorded("open", None), line, editor.by)
    attach_alerts(session, incident, new.alert_ids, editor)
    return incident


def _system(session: Session, new: NewIncident, editor: Editor) -> SystemRecord | None:
    if new.system_id is None:
        return None
    system = session.get(SystemRecord, new.system_id)
    accountable = (system.operator_id, system.owner_id, system.supervisor_id) if system else ()
    if system is None or not any(_is_seen(session, editor, unit) for unit in accountable):
        raise InvalidIncidentError(f"There is no system {new.system_id[:64]}; register it, or leave it out")
    return system


def _check_unit(session: Session, unit_id: str | None, editor: Editor) -> None:
    if unit_id is None:
        if not editor.scope.is_everything:
            raise InvalidIncidentError("An incident needs a unit; name one of yours")
    elif not _is_seen(session, editor, unit_id):
        raise InvalidIncidentError(f"There is no unit {unit_id[:64]} that is yours; name another")


def _is_seen(session: Session, editor: Editor, unit_id: str) -> bool:
    return sees_unit(session, editor.scope, unit_id)


def _row(session: Session, new: NewIncident, editor: Editor, unit_id: str | None) -> Incident:
    now = editor.by.at_ms
    if new.discovered_ms is not None and not 0 < new.discovered_ms <= now:
        raise InvalidIncidentError("An incident can't be discovered in the future; correct the time")
    return Incident(
        id=uuid4().hex,
        number=_next_number(session),
        title=checked_title(new.title),
        summary=bounded_text(new.summary),
        unit_id=unit_id,
        system_id=new.system_id,
        class_code=new.class_code,
        subclass_code=new.subclass_code,
        facts=new.facts.model_dump(mode="json"),
        state=IncidentState.ANALYSIS.value,
        source=new.source.value,
        opened_by=editor.by.actor.name,
        opened_ms=now,
        discovered_ms=new.discovered_ms or now,
        changed_ms=now,
        group_key=new.group_key,
    )


def _next_number(session: Session) -> int:
    wait_for_other_writers(session)
    return (session.scalar(select(func.max(Incident.number))) or 0) + 1


def _append_opening(session: Session, incident: Incident, editor: Editor) -> None:
    session.add(
        IncidentTransition(
            incident_id=incident.id,
            at=incident.opened_ms,
            from_state=None,
            to_state=incident.state,
            actor_id=editor.by.responsible_id,
            actor=editor.by.actor.name,
        )
    )
    session.flush()
