"""Tables of notices and their append-only history."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from audit import append_only
from store.records.database import Base, UtcMilliseconds


class Notice(Base):
    """A demand on a unit to rectify something (整改通知).

    ``source`` and ``reference`` say what it comes from; ``deadline_ms`` is when its answer is due.
    """

    __tablename__ = "notices"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("registry_units.id"), index=True)
    incident_id: Mapped[str | None] = mapped_column(ForeignKey("incidents.id"), index=True)
    source: Mapped[str] = mapped_column(String(16))
    reference: Mapped[str] = mapped_column(String(128))
    title: Mapped[str] = mapped_column(String(255))
    demand: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    issued_by_id: Mapped[str] = mapped_column(String(128))
    issued_by: Mapped[str] = mapped_column(String(255))
    issued_ms: Mapped[UtcMilliseconds]
    deadline_ms: Mapped[UtcMilliseconds]
    acknowledged_ms: Mapped[int | None] = mapped_column(BigInteger)
    answered_by_id: Mapped[str | None] = mapped_column(String(128))
    answered_ms: Mapped[int | None] = mapped_column(BigInteger)
    verified_ms: Mapped[int | None] = mapped_column(BigInteger)
    asked_deadline_ms: Mapped[int | None] = mapped_column(BigInteger)
    asked_by_id: Mapped[str | None] = mapped_column(String(128))
    changed_ms: Mapped[UtcMilliseconds]

    __table_args__ = (
        Index("ix_notices_state_deadline_ms", "state", "deadline_ms"),
        Index("ix_notices_source_reference", "source", "reference"),
    )


class NoticeTransition(Base):
    """One step of a notice; rows are only ever added. ``attachments`` are the ids of the evidence of an answer."""

    __tablename__ = "notice_transitions"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    notice_id: Mapped[str] = mapped_column(ForeignKey("notices.id"), index=True)
    at: Mapped[UtcMilliseconds]
    step: Mapped[str] = mapped_column(String(32))
    from_state: Mapped[str | None] = mapped_column(String(16))
    to_state: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[str] = mapped_column(String(128))
    actor: Mapped[str] = mapped_column(String(255))
    text: Mapped[str | None] = mapped_column(Text)
    deadline_ms: Mapped[UtcMilliseconds]
    attachments: Mapped[list[str]] = mapped_column(JSON)


append_only(NoticeTransition.__table__)
