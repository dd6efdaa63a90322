"""How a move of an incident from state to state is made and written down."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from incidents.errors import IncidentTransitionError
from incidents.models import Incident, IncidentTransition
from incidents.repository.lookup import incident_of
from incidents.response.recording import Recorded, state_of, write_down
from incidents.texts import bounded_text
from incidents.timeline import TimelineEntry
from incidents.vocabulary import IncidentState, TimelineKind
from registry.registers import Editor


@dataclass(frozen=True, slots=True)
class Move:
    """To which state, why, and for closing with which conclusion."""

    to_state: IncidentState
    reason: str | None = None
    conclusion: str | None = None


@dataclass(frozen=True, slots=True)
class Moving:
    """An incident that nobody else can change meanwhile, with its state before."""

    incident: Incident
    before: dict[str, object]


def to_be_moved(session: Session, incident_id: str, editor: Editor) -> Moving:
    """Take hold of an incident.

    Raises:
        IncidentNotFoundError: there is no such incident in the scope.
    """
    incident = incident_of(session, editor.scope, incident_id, lock=True)
    return Moving(incident, state_of(incident))


def moved(session: Session, moving: Moving, move: Move, verb: str, editor: Editor) -> Incident:
    """Make an allowed move and write it down.

    Raises:
        InvalidIncidentError: the reason is too long.
    """
    incident, by, reason = moving.incident, editor.by, bounded_text(move.reason or "")
    step = IncidentTransition(
        incident_id=incident.id,
        at=by.at_ms,
        from_state=incident.state,
        to_state=move.to_state.value,
        actor_id=by.responsible_id,
        actor=by.actor.name,
        reason=reason or None,
        conclusion=move.conclusion,
    )
    session.add(step)
    incident.state = move.to_state.value
    detail = {"from": step.from_state, "to": step.to_state, "conclusion": move.conclusion}
    line = TimelineEntry(TimelineKind.STEP, incident.id, reason, detail)
    write_down(session, incident, Recorded(verb, moving.before, reason or None), line, by)
    return incident


def refused(incident: Incident, to_state: IncidentState) -> IncidentTransitionError:
    """The error of a move that the state does not allow."""
    return IncidentTransitionError(
        f"Incident #{incident.number} is in state {incident.state} and can't go to {to_state} so; reload it"
    )
