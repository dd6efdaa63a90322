"""Tables of clocks: what happened to each, and where each stands as folded from that."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from audit import append_only
from store.records.database import Base, UtcMilliseconds


class ClockEvent(Base):
    """Something that happened to a clock; rows are only ever added, and all else about clocks follows from them.

    ``at`` never runs backwards within a clock, but for an end that was told late; ``recorded_ms`` is what the
    machine's clock said. ``begun_ms`` is from when a start counts, ``due_ms`` the deadline from this moment on,
    ``remaining_ms`` what a pause leaves (of working time, where the clock counts that), ``entry`` the policy's entry.
    """

    __tablename__ = "incident_clock_events"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    subject: Mapped[str] = mapped_column(String(16))
    subject_id: Mapped[str] = mapped_column(String(32))
    clock: Mapped[str] = mapped_column(String(64))
    act: Mapped[str] = mapped_column(String(16))
    at: Mapped[UtcMilliseconds]
    recorded_ms: Mapped[UtcMilliseconds]
    begun_ms: Mapped[int | None] = mapped_column(BigInteger)
    due_ms: Mapped[int | None] = mapped_column(BigInteger)
    remaining_ms: Mapped[int | None] = mapped_column(BigInteger)
    entry: Mapped[str] = mapped_column(String(64))
    actor_id: Mapped[str] = mapped_column(String(128))
    actor: Mapped[str] = mapped_column(String(255))
    reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (Index("ix_incident_clock_events_subject", "subject", "subject_id", "id"),)


class Clock(Base):
    """Where a clock stands, as folded from its events; ``next_ms`` is when it must be looked at, None for never.

    ``breached_ms`` is the deadline that passed, None while none has.
    """

    __tablename__ = "incident_clocks"

    subject: Mapped[str] = mapped_column(String(16), primary_key=True)
    subject_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    clock: Mapped[str] = mapped_column(String(64), primary_key=True)
    entry: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    started_ms: Mapped[UtcMilliseconds]
    due_ms: Mapped[int | None] = mapped_column(BigInteger)
    remaining_ms: Mapped[int | None] = mapped_column(BigInteger)
    ended_ms: Mapped[int | None] = mapped_column(BigInteger)
    warned: Mapped[bool]
    breached_ms: Mapped[int | None] = mapped_column(BigInteger)
    escalations: Mapped[int]
    next_ms: Mapped[int | None] = mapped_column(BigInteger, index=True)


append_only(ClockEvent.__table__)
