"""Tables of delivery: how far each source is, what could not become an event, how each source fares."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import JSON, BigInteger, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from store.records import Base, UtcMilliseconds


class LetterState(StrEnum):
    """What became of a dead letter."""

    NEW = "new"
    REQUESTED = "requested"  # someone asked for another try
    REPLAYED = "replayed"  # it became an event after all
    DISCARDED = "discarded"  # someone decided that it is not needed


class CheckpointRow(Base):
    """How far one identity of a source (a file, a spool) has been delivered."""

    __tablename__ = "checkpoints"

    source: Mapped[str] = mapped_column(String(200), primary_key=True)
    identity: Mapped[str] = mapped_column(String(200), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[dict[str, str | int | float | bool | None]] = mapped_column(JSON)
    updated_ms: Mapped[UtcMilliseconds]


class DeadLetterRow(Base):
    """A record that could not become an event; ``id`` is the id that its event would have had.

    Where ``raw`` shows the record with values hidden, ``sealed`` holds its bytes encrypted, for a replay.
    """

    __tablename__ = "dead_letters"
    __table_args__ = (
        Index("ix_dead_letters_newest", "received_ms", "id"),
        Index("ix_dead_letters_counts", "source", "reason", "state"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    source: Mapped[str] = mapped_column(String(200))
    identity: Mapped[str] = mapped_column(String(200))
    position: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(40))
    detail: Mapped[str] = mapped_column(Text)
    decoder: Mapped[str] = mapped_column(String(40))
    format: Mapped[str | None] = mapped_column(String(100))
    peer: Mapped[str | None] = mapped_column(String(100))
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    length: Mapped[int | None] = mapped_column(BigInteger)
    reference_ms: Mapped[UtcMilliseconds]
    shift_ms: Mapped[int] = mapped_column(BigInteger)
    received_ms: Mapped[UtcMilliseconds]
    state: Mapped[str] = mapped_column(String(20))
    changed_ms: Mapped[UtcMilliseconds]
    event_id: Mapped[str | None] = mapped_column(String(32))
    sealed: Mapped[str | None] = mapped_column(Text)


class SourceStatusRow(Base):
    """How a source fares: running totals and the latest moments, for the intake's health page."""

    __tablename__ = "source_status"

    source: Mapped[str] = mapped_column(String(200), primary_key=True)
    events: Mapped[int] = mapped_column(BigInteger, default=0)
    dead_letters: Mapped[int] = mapped_column(BigInteger, default=0)
    dropped: Mapped[int] = mapped_column(BigInteger, default=0)
    last_event_ms: Mapped[int | None] = mapped_column(BigInteger)
    last_delivered_ms: Mapped[int | None] = mapped_column(BigInteger)
    lag_ms: Mapped[int | None] = mapped_column(BigInteger)
    last_error: Mapped[str | None] = mapped_column(Text)
    last_error_ms: Mapped[int | None] = mapped_column(BigInteger)
