"""Tables of what correlations hold across a restart."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from store.records.database import Base, UtcMilliseconds


class CorrelationStateRow(Base):
    """How far a family of correlations is, and what it had to leave out; ``family`` stands for its rules' content."""

    __tablename__ = "correlation_states"

    family: Mapped[str] = mapped_column(String(32), primary_key=True)
    rule_ids: Mapped[list[str]] = mapped_column(JSON)
    watermark: Mapped[UtcMilliseconds]
    newest: Mapped[UtcMilliseconds]
    observed: Mapped[int] = mapped_column(BigInteger)
    late: Mapped[int] = mapped_column(BigInteger)
    without_group: Mapped[int] = mapped_column(BigInteger)
    evaluated_early: Mapped[int] = mapped_column(BigInteger)
    evicted_groups: Mapped[int] = mapped_column(BigInteger)
    evicted_events: Mapped[int] = mapped_column(BigInteger)
    groups_held: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    oldest_window: Mapped[UtcMilliseconds | None]
    updated: Mapped[UtcMilliseconds]


class CorrelationItemRow(Base):
    """An event that a family has taken in and that can still matter to it."""

    __tablename__ = "correlation_items"

    family: Mapped[str] = mapped_column(String(32), primary_key=True)
    event_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    node: Mapped[int] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True)
    time: Mapped[UtcMilliseconds]
    content: Mapped[list[object]] = mapped_column(JSON)

    __table_args__ = (Index("ix_correlation_items_family_time", "family", "time"),)
