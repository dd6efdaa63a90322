"""Appends what happens to clocks and keeps where each stands."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audit.authorship import ChangedBy
from incidents.clocks.folding import Standing, fold, next_look
from incidents.clocks.policy import clocks_policy
from incidents.models import Clock, ClockEvent
from incidents.vocabulary import ClockAct, ClockState, Subject


@dataclass(frozen=True, slots=True)
class ClockKey:
    """A clock of an incident or a notice."""

    subject: Subject
    subject_id: str
    code: str


@dataclass(frozen=True, slots=True)
class Happening:
    """What happens to a clock, as in ``ClockEvent``; ``reached_ms`` is when its end was really reached."""

    act: ClockAct
    entry: str
    begun_ms: int | None = None
    due_ms: int | None = None
    remaining_ms: int | None = None
    reached_ms: int | None = None
    reason: str | None = None


def append(session: Session, key: ClockKey, happening: Happening, by: ChangedBy) -> Clock:
    """Append to a clock's events, in the caller's transaction; returns where it stands then.

    Its moment is never before the clock's last one, whatever the machine's clock says; only an end that was reached
    earlier than somebody told stands where it was reached.
    """
    event = ClockEvent(
        subject=key.subject.value,
        subject_id=key.subject_id,
        clock=key.code,
        act=happening.act.value,
        at=moment_of(session, key, by) if happening.reached_ms is None else happening.reached_ms,
        recorded_ms=by.at_ms,
        begun_ms=happening.begun_ms,
        due_ms=happening.due_ms,
        remaining_ms=happening.remaining_ms,
        entry=happening.entry,
        actor_id=by.responsible_id,
        actor=by.actor.name,
        reason=happening.reason,
    )
    session.add(event)
    return _keep(session, key, event)


def moment_of(session: Session, key: ClockKey, by: ChangedBy) -> int:
    """The moment of a change, never before the clock's last one."""
    of_it = (ClockEvent.subject == key.subject, ClockEvent.subject_id == key.subject_id, ClockEvent.clock == key.code)
    return max(by.at_ms, session.scalar(select(func.max(ClockEvent.at)).where(*of_it)) or by.at_ms)


def standing_of(clock: Clock) -> Standing:
    """A stored clock as a value."""
    return Standing(
        clock.entry,
        ClockState(clock.state),
        clock.started_ms,
        clock.due_ms,
        clock.remaining_ms,
        clock.ended_ms,
        clock.warned,
        clock.breached_ms,
        clock.escalations,
    )


def clocks_of(session: Session, subject: Subject, subject_id: str) -> dict[str, Clock]:
    """The clocks of an incident or a notice, by code, in the policy's order."""
    rows = session.scalars(select(Clock).where(Clock.subject == subject, Clock.subject_id == subject_id))
    by_code = {row.clock: row for row in rows}
    order = [*clocks_policy().codes(subject), *by_code]
    return {code: by_code[code] for code in dict.fromkeys(order) if code in by_code}


def _keep(session: Session, key: ClockKey, event: ClockEvent) -> Clock:
    clock = session.get(Clock, (key.subject.value, key.subject_id, key.code))
    standing = fold(standing_of(clock) if clock else None, event)
    clock = clock or Clock(subject=key.subject.value, subject_id=key.subject_id, clock=key.code)
    for name, value in asdict(standing).items():
        setattr(clock, name, value)
    policy = clocks_policy().entry(standing.entry)
    clock.next_ms = next_look(standing, policy) if policy else None
    session.add(clock)
    session.flush()
    return clock
