"""Watches the clocks: warns, notes deadlines that passed, escalates; holds still when time itself has jumped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import Actor
from audit.authorship import Change, ChangedBy, audit_change
from events import now_ms
from incidents.clocks.folding import next_look
from incidents.clocks.ledger import ClockKey, Happening, append, standing_of
from incidents.clocks.policy import ClockPolicy, clocks_policy
from incidents.models import Clock, Incident, Notice
from incidents.reminders.telling import Occasion, remind
from incidents.timeline import TimelineEntry, write_line
from incidents.vocabulary import ClockAct, ReminderStage, Subject, TimelineKind
from store.records import RecordsDatabase

SYSTEM = Actor("system", "incidents", "system")
_STAGES = {
    ClockAct.WARNED: ReminderStage.WARNED,
    ClockAct.BREACHED: ReminderStage.LATE,
    ClockAct.ESCALATED: ReminderStage.ESCALATED,
}


@dataclass(frozen=True, slots=True)
class Alarm:
    """What the watch noted; ``roles`` are those to be told."""

    subject: Subject
    subject_id: str
    code: str
    act: ClockAct
    due_ms: int
    roles: tuple[str, ...]


class ClockWatch:
    """Looks after all clocks of a records database, round by round.

    It compares the machine's clock with one that only runs on. When the two part by more than policy tolerates, the
    machine's clock was set: that is written into the trail, and nothing is warned of or noted as late until the time
    has run evenly for a while. Set back, it notes nothing until the time comes again; what
    was noted stays in the history, and what people do counts at the moment at which they do it.
    """

    def __init__(
        self, records: RecordsDatabase, wall: Callable[[], int] = now_ms, steady: Callable[[], float] = monotonic
    ) -> None:
        """Watch by the machine's clock (ms) and one that only runs on (s)."""
        self._records = records
        self._wall = wall
        self._steady = steady
        self._last = (wall(), steady())
        self._held_until = 0.0

    def turn(self) -> list[Alarm]:
        """One round; returns what was noted."""
        wall, steady = self._wall(), self._steady()
        passed, (last_wall, last_steady) = wall - self._last[0], self._last
        self._last = (wall, steady)
        policy = clocks_policy().watch
        jumped_ms = passed - round((steady - last_steady) * 1000)
        if abs(jumped_ms) > policy.tolerance_seconds * 1000:
            self._held_until = steady + policy.settle_seconds
            self._note_jump(last_wall, wall)
        if steady < self._held_until or not self._any_due(wall):
            return []
        with self._records.begin() as session:
            return watch_clocks(session, wall)

    def _any_due(self, now: int) -> bool:
        with self._records.read() as session:
            return session.scalar(select(Clock.clock).where(Clock.next_ms <= now).limit(1)) is not None

    def _note_jump(self, before: int, after: int) -> None:
        by = ChangedBy(SYSTEM, after)
        change = Change("clock", "jump", "machine", None, {"time_ms": before}, {"time_ms": after})
        with self._records.begin() as session:
            audit_change(session, change, by)


def watch_clocks(session: Session, now: int) -> list[Alarm]:
    """Warn, note late and escalate all that is due, some hundreds of clocks at once; returns what was noted."""
    due = select(Clock).where(Clock.next_ms <= now).order_by(Clock.next_ms).limit(clocks_policy().watch.at_once)
    alarms: list[Alarm] = []
    for clock in session.scalars(due.with_for_update()).all():
        entry = clocks_policy().entry(clock.entry)
        if entry is None:
            clock.next_ms = None  # the policy has forgotten it; people see it run without deadline
            continue
        alarms += _look(session, clock, entry, ChangedBy(SYSTEM, now))
    return alarms


def _look(session: Session, clock: Clock, entry: ClockPolicy, by: ChangedBy) -> list[Alarm]:
    alarms: list[Alarm] = []
    key = ClockKey(Subject(clock.subject), clock.subject_id, clock.clock)
    while clock.due_ms is not None and (look := next_look(standing_of(clock), entry)) is not None and look <= by.at_ms:
        act, roles = _what(clock, entry, by.at_ms)
        happening = Happening(act, clock.entry, due_ms=clock.due_ms, reason=", ".join(roles) or None)
        alarm = Alarm(key.subject, key.subject_id, key.code, act, clock.due_ms, roles)
        clock = append(session, key, happening, by)
        _tell(session, alarm, by)
        remind(session, _occasion(alarm, clock, by))
        alarms.append(alarm)
    return alarms


def _what(clock: Clock, entry: ClockPolicy, now: int) -> tuple[ClockAct, tuple[str, ...]]:
    """What is due; a deadline that has passed is not warned of any more."""
    if clock.breached_ms is not None:
        return ClockAct.ESCALATED, entry.escalate[clock.escalations].to
    late = clock.due_ms is not None and now > clock.due_ms
    return (ClockAct.BREACHED if late else ClockAct.WARNED), ()


def _occasion(alarm: Alarm, clock: Clock, by: ChangedBy) -> Occasion:
    return Occasion(
        alarm.subject,
        alarm.subject_id,
        alarm.code,
        clock.entry,
        _STAGES[alarm.act],
        clock.escalations,
        alarm.due_ms,
        alarm.roles,
        by.at_ms,
    )


def _tell(session: Session, alarm: Alarm, by: ChangedBy) -> None:
    after: dict[str, object] = {"clock": alarm.code, "due_ms": alarm.due_ms, "roles": list(alarm.roles)}
    audit_change(session, Change(alarm.subject, f"clock-{alarm.act}", alarm.subject_id, after=after), by)
    incident_id: str | None = alarm.subject_id
    if alarm.subject is Subject.NOTICE:
        incident_id = session.get_one(Notice, alarm.subject_id).incident_id
        after["notice_id"] = alarm.subject_id
    if incident_id is not None:
        detail = {**after, "act": alarm.act.value}
        line = TimelineEntry(TimelineKind.CLOCK, alarm.code, detail=detail)
        write_line(session, session.get_one(Incident, incident_id), line, by)
