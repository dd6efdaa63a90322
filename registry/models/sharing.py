"""Tables of consumers, their accounts, and grants with their append-only history."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from audit import append_only
from store.records.database import Base, UtcMilliseconds


class ConsumerRecord(Base):
    """Who takes data, for which unit; a contractor with its company and the end of its contract."""

    __tablename__ = "registry_consumers"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(16))
    unit_id: Mapped[str] = mapped_column(ForeignKey("registry_units.id"), index=True)
    company: Mapped[str] = mapped_column(String(255))
    contract_end_ms: Mapped[int | None] = mapped_column(BigInteger)
    changed_ms: Mapped[UtcMilliseconds]


class AccountRecord(Base):
    """The name under which a consumer shows in logs; ``last_used_ms`` moves with flows and counts as no change."""

    __tablename__ = "registry_accounts"

    id: Mapped[str] = mapped_column(String(128), primary_key=True)
    consumer_id: Mapped[str] = mapped_column(ForeignKey("registry_consumers.id"), index=True)
    system_id: Mapped[str | None] = mapped_column(ForeignKey("registry_systems.id"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    last_used_ms: Mapped[int | None] = mapped_column(BigInteger)
    changed_ms: Mapped[UtcMilliseconds]


class GrantRecord(Base):
    """A permission to take data: who, what, which fields, what for, from when until when, how much, how and to where.

    ``requested_by`` and ``approved_by`` are ids of actors; the validity is half-open.
    """

    __tablename__ = "registry_grants"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    consumer_id: Mapped[str] = mapped_column(ForeignKey("registry_consumers.id"), index=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("registry_units.id"), index=True)
    resource_id: Mapped[str] = mapped_column(ForeignKey("registry_resources.id"), index=True)
    fields: Mapped[list[str]] = mapped_column(JSON)
    purpose: Mapped[str] = mapped_column(String(255))
    valid_from_ms: Mapped[UtcMilliseconds]
    valid_to_ms: Mapped[UtcMilliseconds]
    records_per_day: Mapped[int | None] = mapped_column(BigInteger)
    subjects_per_day: Mapped[int | None] = mapped_column(BigInteger)
    masked: Mapped[bool]
    zones: Mapped[list[str]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(16))
    state_since_ms: Mapped[UtcMilliseconds]
    requested_by: Mapped[str] = mapped_column(String(128))
    approved_by: Mapped[str | None] = mapped_column(String(128))
    approved_ms: Mapped[int | None] = mapped_column(BigInteger)
    changed_ms: Mapped[UtcMilliseconds]

    __table_args__ = (Index("ix_registry_grants_due", "state", "valid_to_ms"),)


class GrantTransition(Base):
    """One step in a grant's life; ``from_state`` is unset for the first. Rows are only ever added."""

    __tablename__ = "registry_grant_transitions"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    grant_id: Mapped[str] = mapped_column(ForeignKey("registry_grants.id"), index=True)
    at: Mapped[UtcMilliseconds]
    from_state: Mapped[str | None] = mapped_column(String(16))
    to_state: Mapped[str] = mapped_column(String(16), index=True)
    actor: Mapped[str] = mapped_column(String(255))
    reason: Mapped[str | None] = mapped_column(Text)


append_only(GrantTransition.__table__)
