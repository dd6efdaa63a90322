"""Tables of reminders: who is told of a clock, who has seen it, and what goes out by mail and webhook."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from audit import append_only
from store.records.database import Base, UtcMilliseconds

_SEQUENCE = BigInteger().with_variant(Integer(), "sqlite")


class Reminder(Base):
    """Tells the people of a role (of one unit, where ``unit_id`` is not empty) of one stage of one clock.

    ``due_ms`` is the deadline that the stage is of; ``escalation`` counts from 1, 0 for a warning or a deadline that
    has passed. Rows are only ever added, and each stands there once.
    """

    __tablename__ = "reminders"

    id: Mapped[int] = mapped_column(_SEQUENCE, primary_key=True, autoincrement=True)
    at: Mapped[UtcMilliseconds]
    subject: Mapped[str] = mapped_column(String(16))
    subject_id: Mapped[str] = mapped_column(String(32))
    clock: Mapped[str] = mapped_column(String(64))
    stage: Mapped[str] = mapped_column(String(16))
    escalation: Mapped[int]
    due_ms: Mapped[UtcMilliseconds]
    role: Mapped[str] = mapped_column(String(64))
    unit_id: Mapped[str] = mapped_column(String(64))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(255))

    __table_args__ = (
        UniqueConstraint(
            "subject",
            "subject_id",
            "clock",
            "stage",
            "escalation",
            "due_ms",
            "role",
            "unit_id",
            name="uq_reminders_once",
        ),
        Index("ix_reminders_role_unit_id", "role", "unit_id", "id"),
    )


class ReminderReading(Base):
    """That a person has seen a reminder."""

    __tablename__ = "reminder_readings"

    reminder_id: Mapped[int] = mapped_column(ForeignKey("reminders.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[UtcMilliseconds]


class ReminderMessage(Base):
    """A message that goes out because of a clock; its id follows from clock, stage and address, so it is kept once.

    ``address`` is a mail address, the name of a webhook, or a role and a unit (``people``); ``state`` is ``pending``,
    ``started``, ``sent``, ``failed`` or, where nobody can tell whether it was sent, ``unknown``. ``process`` is that
    which started it.
    """

    __tablename__ = "reminder_messages"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[UtcMilliseconds]
    subject: Mapped[str] = mapped_column(String(16))
    subject_id: Mapped[str] = mapped_column(String(32))
    channel: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(String(255))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int]
    due_ms: Mapped[int | None] = mapped_column(BigInteger)
    process: Mapped[str | None] = mapped_column(String(32))
    reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index("ix_reminder_messages_state", "state", "due_ms"),
        Index("ix_reminder_messages_subject", "subject", "subject_id"),
    )


append_only(Reminder.__table__)
