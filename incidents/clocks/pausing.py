"""Pauses and resumes clocks of incidents, with a reason: while others must act first."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from audit.authorship import ChangedBy
from incidents.clocks.calendar import working_calendar
from incidents.clocks.ledger import ClockKey, Happening, append, moment_of
from incidents.clocks.policy import ClockPolicy, clocks_policy
from incidents.errors import IncidentTransitionError, InvalidIncidentError
from incidents.models import Clock, Incident
from incidents.repository.lookup import incident_of
from incidents.response.recording import Recorded, state_of, write_down
from incidents.texts import checked_reason
from incidents.timeline import TimelineEntry
from incidents.vocabulary import ClockAct, ClockState, Subject, TimelineKind
from registry.registers import Editor


@dataclass(frozen=True, slots=True)
class Pausing:
    """Which clock, by its code, and why."""

    code: str
    reason: str


def pause_clock(session: Session, incident_id: str, pausing: Pausing, editor: Editor) -> Clock:
    """Stop a clock; what is left of its time is kept.

    Raises:
        IncidentNotFoundError: there is no such incident in the scope.
        InvalidIncidentError: it has no such clock, or the reason is missing.
        IncidentTransitionError: the clock does not run, its deadline has passed, or policy lets nobody pause it.
    """
    incident, key, clock = _found(session, incident_id, pausing, editor)
    entry, at = _entry(clock), moment_of(session, key, editor.by)
    if not entry.pausable:
        raise IncidentTransitionError(f"Clock {key.code} may not be paused: {entry.basis}")
    if clock.state != ClockState.RUNNING or clock.due_ms is None or clock.due_ms < at:
        raise IncidentTransitionError(f"Clock {key.code} does not run any more, or its deadline has passed")
    working = entry.duration.in_working_time
    left = working_calendar().between(at, clock.due_ms) if working else clock.due_ms - at
    happening = Happening(ClockAct.PAUSE, clock.entry, remaining_ms=left, reason=pausing.reason.strip())
    return _happened(session, (incident, key), happening, editor.by)


def resume_clock(session: Session, incident_id: str, pausing: Pausing, editor: Editor) -> Clock:
    """Let a paused clock run on, with the time that was left.

    Raises:
        IncidentNotFoundError: there is no such incident in the scope.
        InvalidIncidentError: it has no such clock, or the reason is missing.
        IncidentTransitionError: the clock is not paused.
    """
    incident, key, clock = _found(session, incident_id, pausing, editor)
    if clock.state != ClockState.PAUSED or clock.remaining_ms is None:
        raise IncidentTransitionError(f"Clock {key.code} is not paused")
    at, left = moment_of(session, key, editor.by), clock.remaining_ms
    due = working_calendar().after(at, left) if _entry(clock).duration.in_working_time else at + left
    happening = Happening(ClockAct.RESUME, clock.entry, due_ms=due, reason=pausing.reason.strip())
    return _happened(session, (incident, key), happening, editor.by)


def _found(session: Session, incident_id: str, pausing: Pausing, editor: Editor) -> tuple[Incident, ClockKey, Clock]:
    incident = incident_of(session, editor.scope, incident_id, lock=True)
    checked_reason(pausing.reason)
    clock = session.get(Clock, (Subject.INCIDENT.value, incident.id, pausing.code))
    if clock is None:
        raise InvalidIncidentError(f"Incident #{incident.number} has no clock {pausing.code[:64]!r}")
    return incident, ClockKey(Subject.INCIDENT, incident.id, pausing.code), clock


def _entry(clock: Clock) -> ClockPolicy:
    entry = clocks_policy().entry(clock.entry)
    if entry is None:
        raise IncidentTransitionError(
            f"policies/incidents/clocks.yml no longer has the entry {clock.entry}; put it back, with `expires`"
        )
    return entry


def _happened(session: Session, of: tuple[Incident, ClockKey], happening: Happening, by: ChangedBy) -> Clock:
    incident, key = of
    clock = append(session, key, happening, by)
    detail = {"act": happening.act.value, "due_ms": clock.due_ms, "remaining_ms": clock.remaining_ms}
    line = TimelineEntry(TimelineKind.CLOCK, key.code, happening.reason or "", detail)
    before = {**state_of(incident), "clock": key.code}
    write_down(session, incident, Recorded(f"{happening.act}-clock", before, happening.reason), line, by)
    return clock
