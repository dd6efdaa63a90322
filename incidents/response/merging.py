"""Lets an incident be handled as part of another, and takes the two apart again; links stay where they are."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from incidents.errors import InvalidIncidentError
from incidents.flow import STEPS
from incidents.models import Incident, IncidentTransition
from incidents.repository.lookup import incident_of
from incidents.response.moving import Move, moved, refused, to_be_moved
from incidents.response.recording import Recorded, state_of, write_down
from incidents.texts import checked_reason
from incidents.timeline import TimelineEntry
from incidents.vocabulary import IncidentState, TimelineKind
from registry.registers import Editor


@dataclass(frozen=True, slots=True)
class Merging:
    """Into which incident, and why."""

    into_id: str
    reason: str


def merge_incident(session: Session, incident_id: str, merging: Merging, editor: Editor) -> Incident:
    """Merge an incident into another; its clocks end, its alerts are shown with the other's.

    Raises:
        IncidentNotFoundError: one of them is not in the scope.
        IncidentTransitionError: one of them is ended, or others are merged into this one.
        InvalidIncidentError: both are the same, or the reason is missing.
    """
    if incident_id == merging.into_id:
        raise InvalidIncidentError("An incident can't be merged into itself; name another")
    moving = to_be_moved(session, incident_id, editor)
    incident, into = moving.incident, incident_of(session, editor.scope, merging.into_id, lock=True)
    checked_reason(merging.reason)
    others = session.scalar(select(Incident.id).where(Incident.merged_into_id == incident.id).limit(1))
    if incident.state not in STEPS or into.state not in STEPS or others is not None:
        raise refused(incident, IncidentState.MERGED)
    incident.merged_into_id = into.id
    _tell_other(session, into, incident, editor, merged=True)
    return moved(session, moving, Move(IncidentState.MERGED, merging.reason), "merge", editor)


def unmerge_incident(session: Session, incident_id: str, reason: str, editor: Editor) -> Incident:
    """Take a merged incident out again; it goes on where it stood, its clocks count from their first beginning.

    Raises:
        IncidentNotFoundError: there is no such incident in the scope.
        IncidentTransitionError: it is not merged.
        InvalidIncidentError: the reason is missing.
    """
    moving = to_be_moved(session, incident_id, editor)
    incident = moving.incident
    checked_reason(reason)
    if incident.state != IncidentState.MERGED or incident.merged_into_id is None:
        raise refused(incident, IncidentState.ANALYSIS)
    into = session.get_one(Incident, incident.merged_into_id)
    incident.merged_into_id = None
    _tell_other(session, into, incident, editor, merged=False)
    return moved(session, moving, Move(_step_before_merge(session, incident.id), reason), "unmerge", editor)


def _tell_other(session: Session, into: Incident, incident: Incident, editor: Editor, *, merged: bool) -> None:
    line = TimelineEntry(TimelineKind.MERGE, incident.id, detail={"merged": merged, "number": incident.number})
    verb = "take-in" if merged else "give-back"
    write_down(session, into, Recorded(verb, state_of(into), f"#{incident.number}"), line, editor.by)


def _step_before_merge(session: Session, incident_id: str) -> IncidentState:
    of_it = (IncidentTransition.incident_id == incident_id, IncidentTransition.to_state == IncidentState.MERGED.value)
    last = select(IncidentTransition.from_state).where(*of_it).order_by(IncidentTransition.id.desc()).limit(1)
    return IncidentState(session.scalar(last) or IncidentState.ANALYSIS)
