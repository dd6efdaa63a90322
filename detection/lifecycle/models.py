"""Tables of the states that people gave rules, and of the versions in which rules were loaded; both only grow."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from audit import append_only
from store.records.database import Base, UtcMilliseconds


class RuleState(StrEnum):
    """What is done with a rule."""

    DRAFT = "draft"  # only tried on the past
    TEST = "test"  # matched and counted, raises no alert
    ON = "on"
    RETIRED = "retired"  # not compiled


class RuleStateChange(Base):
    """One switch of a rule by people; the latest counts."""

    __tablename__ = "rule_state_changes"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    rule_id: Mapped[str] = mapped_column(String(255), index=True)
    at: Mapped[UtcMilliseconds]
    from_state: Mapped[str] = mapped_column(String(16))
    to_state: Mapped[str] = mapped_column(String(16))
    actor: Mapped[str] = mapped_column(String(255))
    reason: Mapped[str] = mapped_column(Text)


class RuleVersion(Base):
    """A rule as it was first loaded with this content: ``version`` is the SHA-256 of what its document says."""

    __tablename__ = "rule_versions"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    rule_id: Mapped[str] = mapped_column(String(255))
    version: Mapped[str] = mapped_column(String(64))
    seen: Mapped[UtcMilliseconds]
    path: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    status: Mapped[str | None] = mapped_column(String(32))

    __table_args__ = (Index("ix_rule_versions_rule", "rule_id", "id"),)


append_only(RuleStateChange.__table__)
append_only(RuleVersion.__table__)
