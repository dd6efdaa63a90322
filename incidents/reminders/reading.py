"""What a person is reminded of, and that they have seen it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import Session

from incidents.models import Reminder, ReminderReading
from incidents.vocabulary import Subject


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads.

    Attributes:
        user_id: their account.
        roles: that they hold for everything.
        unit_roles: that they hold for ``units`` alone.
        units: ids of the units that they speak for.
        subjects: what they may see at all.
    """

    user_id: str
    roles: frozenset[str]
    unit_roles: frozenset[str]
    units: frozenset[str]
    subjects: frozenset[Subject]


@dataclass(frozen=True, slots=True)
class ReadReminder:
    """A reminder with whether its reader has seen it."""

    reminder: Reminder
    is_seen: bool


def list_reminders(session: Session, reader: Reader, *, unseen: bool, limit: int) -> list[ReadReminder]:
    """What somebody is reminded of, the newest first."""
    seen = _seen(reader)
    query = select(Reminder, seen).where(_addressed(reader), ~seen if unseen else true())
    rows = session.execute(query.order_by(Reminder.id.desc()).limit(limit)).all()
    return [ReadReminder(row, bool(is_seen)) for row, is_seen in rows]


def count_unseen(session: Session, reader: Reader) -> int:
    """How many reminders somebody has not seen."""
    return session.scalar(select(func.count()).select_from(Reminder).where(_addressed(reader), ~_seen(reader))) or 0


def mark_seen(session: Session, reader: Reader, reminder_ids: Sequence[int] | None, at_ms: int) -> int:
    """Write down that somebody has seen reminders of theirs (all for None); returns how many they had not."""
    query = select(Reminder.id).where(_addressed(reader), ~_seen(reader))
    if reminder_ids is not None:
        query = query.where(Reminder.id.in_(reminder_ids))
    unseen = session.scalars(query).all()
    session.add_all(ReminderReading(reminder_id=each, user_id=reader.user_id, at=at_ms) for each in unseen)
    return len(unseen)


def _addressed(reader: Reader) -> ColumnElement[bool]:
    """Whether a reminder is for somebody: by a role of theirs, of a unit of theirs where it names one."""
    ways = [
        and_(Reminder.role.in_(reader.roles), Reminder.unit_id == ""),
        and_(Reminder.role.in_(reader.roles | reader.unit_roles), Reminder.unit_id.in_(reader.units)),
    ]
    return and_(Reminder.subject.in_([each.value for each in reader.subjects]), or_(false(), *ways))


def _seen(reader: Reader) -> ColumnElement[bool]:
    of_reader = (ReminderReading.reminder_id == Reminder.id, ReminderReading.user_id == reader.user_id)
    return exists().where(*of_reader)
