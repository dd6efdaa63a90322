"""Tables of what rules with new terms have seen."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from store.records.database import Base, UtcMilliseconds


class FirstSeenRule(Base):
    """How far a rule has come: its earliest match, the newest piece of time, how many combinations it forgot."""

    __tablename__ = "first_seen_rules"

    rule_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    earliest: Mapped[UtcMilliseconds]
    newest_piece: Mapped[int] = mapped_column(BigInteger)
    forgotten: Mapped[int] = mapped_column(BigInteger, default=0)


class SeenCombination(Base):
    """A combination of values, by its digest: the first and the latest piece of time in which a rule saw it.

    ``recent`` holds, in order, the pieces near the latest and the one before them; between it and ``first`` there may
    have been more.
    """

    __tablename__ = "seen_combinations"
    __table_args__ = (Index("ix_seen_combinations_rule_id_latest", "rule_id", "latest"),)

    rule_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    combination: Mapped[str] = mapped_column(String(32), primary_key=True)
    first: Mapped[int] = mapped_column(BigInteger)
    latest: Mapped[int] = mapped_column(BigInteger)
    recent: Mapped[list[int]] = mapped_column(JSON)
