"""Leads an incident through the five steps: on, back with a reason, closed, reopened, merged and taken apart again."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from incidents.errors import IncidentTransitionError, InvalidIncidentError
from incidents.flow import STEPS, flow_policy
from incidents.models import Incident, IncidentTransition, Notice
from incidents.repository.lookup import incident_of
from incidents.response.recording import Recorded, state_of, write_down
from incidents.texts import checked_reason
from incidents.timeline import TimelineEntry
from incidents.vocabulary import IncidentState, NoticeState, TimelineKind
from registry.registers import Editor

_ENDED_NOTICES = (NoticeState.VERIFIED.value, NoticeState.WITHDRAWN.value)


@dataclass(frozen=True, slots=True)
class Move:
    """To which state, why, and for closing with which conclusion."""

    to_state: IncidentState
    reason: str | None = None
    conclusion: str | None = None


def advance(session: Session, incident_id: str, move: Move, editor: Editor) -> Incident:
    """Take an incident to another of the five steps.

    Raises:
        IncidentNotFoundError: there is no such incident in the scope.
        IncidentTransitionError: the flow has no such move.
        InvalidIncidentError: a reason is missing: it is not one step on.
    """
    incident = incident_of(session, editor.scope, incident_id, lock=True)
    policy, before = flow_policy(), IncidentState(incident.state)
    if before not in policy.steps or move.to_state not in policy.steps[before].passes_to:
        raise _refused(incident, move.to_state)
    if policy.needs_reason(before, move.to_state):
        checked_reason(move.reason)
    if incident.acknowledged_ms is None:
        incident.acknowledged_ms = editor.by.at_ms
    if move.to_state is policy.handled_at:
        incident.handled_ms = editor.by.at_ms
    elif STEPS.index(move.to_state) < STEPS.index(policy.handled_at):
        incident.handled_ms = None
    return _moved(session, incident, move, "advance", editor)


def close_incident(session: Session, incident_id: str, move: Move, editor: Editor) -> Incident:
    """Close an incident with a conclusion and a reason.

    Raises:
        IncidentNotFoundError: there is no such incident in the scope.
        IncidentTransitionError: the conclusion does not fit where it stands, its level is not decided, or a notice
            of it is not verified.
        InvalidIncidentError: the conclusion is unknown or the reason missing.
    """
    incident = incident_of(session, editor.scope, incident_id, lock=True)
    conclusion = flow_policy().conclusions.get(move.conclusion or "")
    if conclusion is None:
        known = ", ".join(flow_policy().conclusions)
        raise InvalidIncidentError(f"Closing needs a conclusion; choose one of {known}")
    checked_reason(move.reason)
    if incident.state not in conclusion.starts:
        raise _refused(incident, IncidentState.CLOSED)
    if conclusion.counts:
        _check_finished(session, incident)
    incident.conclusion, incident.closed_ms = move.conclusion, editor.by.at_ms
    if incident.acknowledged_ms is None:
        incident.acknowledged_ms = editor.by.at_ms
    return _moved(session, incident, Move(IncidentState.CLOSED, move.reason, move.conclusion), "close", editor)


def reopen_incident(session: Session, incident_id: str, move: Move, editor: Editor) -> Incident:
    """Open a closed incident anew.

    Raises:
        IncidentNotFoundError: there is no such incident in the scope.
        IncidentTransitionError: it is not closed, or may not go on there.
        InvalidIncidentError: the reason is missing.
    """
    incident = incident_of(session, editor.scope, incident_id, lock=True)
    checked_reason(move.reason)
    if incident.state != IncidentState.CLOSED or move.to_state not in flow_policy().reopens_to:
        raise _refused(incident, move.to_state)
    incident.conclusion = incident.closed_ms = incident.handled_ms = None
    incident.reopened_ms = editor.by.at_ms
    return _moved(session, incident, move, "reopen", editor)


def merge_incident(session: Session, incident_id: str, into_id: str, reason: str, editor: Editor) -> Incident:
    """Let an incident be handled as part of another; its links stay its own, so it can be taken apart again.

    Raises:
        IncidentNotFoundError: one of them is not in the scope.
        IncidentTransitionError: one of them is ended, or others are merged into this one.
        InvalidIncidentError: both are the same, or the reason is missing.
    """
    if incident_id == into_id:
        raise InvalidIncidentError("An incident can't be merged into itself; name another")
    incident = incident_of(session, editor.scope, incident_id, lock=True)
    into = incident_of(session, editor.scope, into_id, lock=True)
    checked_reason(reason)
    others = session.scalar(select(Incident.id).where(Incident.merged_into_id == incident.id).limit(1))
    if incident.state not in STEPS or into.state not in STEPS or others is not None:
        raise _refused(incident, IncidentState.MERGED)
    incident.merged_into_id = into.id
    merged = _moved(session, incident, Move(IncidentState.MERGED, reason), "merge", editor)
    _tell_other(session, into, incident, editor, merged=True)
    return merged


def unmerge_incident(session: Session, incident_id: str, reason: str, editor: Editor) -> Incident:
    """Take a merged incident out again; it goes on in the step where it stood.

    Raises:
        IncidentNotFoundError: there is no such incident in the scope.
        IncidentTransitionError: it is not merged.
        InvalidIncidentError: the reason is missing.
    """
    incident = incident_of(session, editor.scope, incident_id, lock=True)
    checked_reason(reason)
    if incident.state != IncidentState.MERGED or incident.merged_into_id is None:
        raise _refused(incident, IncidentState.ANALYSIS)
    into = session.get_one(Incident, incident.merged_into_id)
    incident.merged_into_id = None
    step = IncidentState(_step_before_merge(session, incident.id))
    apart = _moved(session, incident, Move(step, reason), "unmerge", editor)
    _tell_other(session, into, incident, editor, merged=False)
    return apart


def _tell_other(session: Session, into: Incident, incident: Incident, editor: Editor, *, merged: bool) -> None:
    line = TimelineEntry(TimelineKind.MERGE, incident.id, detail={"merged": merged, "number": incident.number})
    verb = "take-in" if merged else "give-back"
    write_down(session, into, Recorded(verb, state_of(into), f"#{incident.number}"), line, editor.by)


def _step_before_merge(session: Session, incident_id: str) -> str:
    of_it = (IncidentTransition.incident_id == incident_id, IncidentTransition.to_state == IncidentState.MERGED.value)
    last = select(IncidentTransition.from_state).where(*of_it).order_by(IncidentTransition.id.desc()).limit(1)
    return session.scalar(last) or IncidentState.ANALYSIS.value


def _check_finished(session: Session, incident: Incident) -> None:
    if incident.level is None:
        raise IncidentTransitionError(f"Incident #{incident.number}: its level is not decided; decide it, then close")
    ended = Notice.state.in_(_ENDED_NOTICES)
    notice = session.scalar(select(Notice.number).where(Notice.incident_id == incident.id, ~ended).limit(1))
    if notice is not None:
        raise IncidentTransitionError(
            f"Incident #{incident.number}: notice #{notice} is not verified; verify or withdraw it, then close"
        )


def _moved(session: Session, incident: Incident, move: Move, verb: str, editor: Editor) -> Incident:
    before, by = state_of(incident), editor.by
    step = IncidentTransition(
        incident_id=incident.id,
        at=by.at_ms,
        from_state=incident.state,
        to_state=move.to_state.value,
        actor_id=by.responsible_id,
        actor=by.actor.name,
        reason=move.reason,
        conclusion=move.conclusion,
    )
    session.add(step)
    incident.state = move.to_state.value
    detail = {"from": step.from_state, "to": step.to_state, "conclusion": move.conclusion}
    line = TimelineEntry(TimelineKind.STEP, incident.id, move.reason or "", detail)
    write_down(session, incident, Recorded(verb, before, move.reason), line, by)
    return incident


def _refused(incident: Incident, to_state: IncidentState) -> IncidentTransitionError:
    return IncidentTransitionError(
        f"Incident #{incident.number} is in state {incident.state} and can't go to {to_state} so; reload it"
    )
