"""Leads an incident through the five steps: on, back with a reason, closed and reopened."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from incidents.errors import IncidentTransitionError, InvalidIncidentError
from incidents.flow import STEPS, Conclusion, flow_policy
from incidents.models import Incident, Notice
from incidents.response.moving import Move, moved, refused, to_be_moved
from incidents.texts import checked_reason
from incidents.vocabulary import IncidentState, NoticeState
from registry.registers import Editor

_ENDED_NOTICES = (NoticeState.VERIFIED.value, NoticeState.WITHDRAWN.value)


def advance(session: Session, incident_id: str, move: Move, editor: Editor) -> Incident:
    """Take an incident to another of the five steps.

    Raises:
        IncidentNotFoundError: there is no such incident in the scope.
        IncidentTransitionError: the flow has no such move.
        InvalidIncidentError: a reason is missing: it is not one step on.
    """
    moving = to_be_moved(session, incident_id, editor)
    incident, policy, before = moving.incident, flow_policy(), IncidentState(moving.incident.state)
    if before not in policy.steps or move.to_state not in policy.steps[before].passes_to:
        raise refused(incident, move.to_state)
    if policy.needs_reason(before, move.to_state):
        checked_reason(move.reason)
    incident.acknowledged_ms = incident.acknowledged_ms or editor.by.at_ms
    if move.to_state is policy.handled_at:
        incident.handled_ms = editor.by.at_ms
    elif STEPS.index(move.to_state) < STEPS.index(policy.handled_at):
        incident.handled_ms = None
    return moved(session, moving, move, "advance", editor)


def close_incident(session: Session, incident_id: str, move: Move, editor: Editor) -> Incident:
    """Close an incident with a conclusion and a reason.

    Raises:
        IncidentNotFoundError: there is no such incident in the scope.
        IncidentTransitionError: the conclusion does not fit where it stands, its level is not decided, or a notice
            of it is not verified.
        InvalidIncidentError: the conclusion is unknown or the reason missing.
    """
    moving, conclusion = to_be_moved(session, incident_id, editor), _conclusion(move)
    incident = moving.incident
    checked_reason(move.reason)
    if incident.state not in conclusion.starts:
        raise refused(incident, IncidentState.CLOSED)
    if conclusion.counts:
        _check_finished(session, incident)
    incident.conclusion, incident.closed_ms = move.conclusion, editor.by.at_ms
    incident.acknowledged_ms = incident.acknowledged_ms or editor.by.at_ms
    return moved(session, moving, Move(IncidentState.CLOSED, move.reason, move.conclusion), "close", editor)


def reopen_incident(session: Session, incident_id: str, move: Move, editor: Editor) -> Incident:
    """Open a closed incident anew.

    Raises:
        IncidentNotFoundError: there is no such incident in the scope.
        IncidentTransitionError: it is not closed, or may not go on there.
        InvalidIncidentError: the reason is missing.
    """
    moving = to_be_moved(session, incident_id, editor)
    incident = moving.incident
    checked_reason(move.reason)
    if incident.state != IncidentState.CLOSED or move.to_state not in flow_policy().reopens_to:
        raise refused(incident, move.to_state)
    incident.conclusion = incident.closed_ms = incident.handled_ms = None
    incident.reopened_ms = incident.acknowledged_ms = editor.by.at_ms
    return moved(session, moving, move, "reopen", editor)


def _conclusion(move: Move) -> Conclusion:
    known = flow_policy().conclusions
    if move.conclusion not in known:
        raise InvalidIncidentError(f"Closing needs a conclusion; choose one of {', '.join(known)}")
    return known[move.conclusion]


def _check_finished(session: Session, incident: Incident) -> None:
    if incident.level is None:
        raise IncidentTransitionError(f"Incident #{incident.number}: its level is not decided; decide it, then close")
    ended = Notice.state.in_(_ENDED_NOTICES)
    notice = session.scalar(select(Notice.number).where(Notice.incident_id == incident.id, ~ended).limit(1))
    if notice is not None:
        raise IncidentTransitionError(
            f"Incident #{incident.number}: notice #{notice} is not verified; verify or withdraw it, then close"
        )
