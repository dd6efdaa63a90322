"""Tables of exceptions with their append-only history, of what they withheld, and of silences."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from audit import append_only
from store.records.database import Base, UtcMilliseconds


class ExceptionState(StrEnum):
    """Where an exception stands; only an active one withholds matches."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class WithheldBy(StrEnum):
    """Why a match raised no alert."""

    EXCEPTION = "exception"
    TEST = "test"  # its rule is on trial


class RuleException(Base):
    """What a rule shall no longer alert on: a Sigma filter document with an owner, a reason and an end.

    ``document`` is the filter as Sigma has it (filters specification 2.1); ``backtest`` is what it would have removed
    when it was proposed. Times are milliseconds since 1970 UTC.
    """

    __tablename__ = "rule_exceptions"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    rule_id: Mapped[str] = mapped_column(String(255), index=True)
    rule_title: Mapped[str]
    document: Mapped[dict[str, object]] = mapped_column(JSON)
    owner: Mapped[str] = mapped_column(String(255))
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16), index=True)
    created: Mapped[UtcMilliseconds]
    approved: Mapped[UtcMilliseconds | None]
    approved_by: Mapped[str | None] = mapped_column(String(255))
    expires: Mapped[UtcMilliseconds]
    alert_id: Mapped[str | None] = mapped_column(String(32))
    backtest: Mapped[dict[str, object]] = mapped_column(JSON)


class RuleExceptionTransition(Base):
    """One step in an exception's life; ``from_state`` is unset for the first."""

    __tablename__ = "rule_exception_transitions"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    exception_id: Mapped[str] = mapped_column(ForeignKey("rule_exceptions.id"), index=True)
    at: Mapped[UtcMilliseconds]
    from_state: Mapped[str | None] = mapped_column(String(16))
    to_state: Mapped[str] = mapped_column(String(16))
    actor: Mapped[str] = mapped_column(String(255))
    reason: Mapped[str | None] = mapped_column(Text)


class WithheldMatch(Base):
    """A match that raised no alert; its key makes every replay a no-op and every count exact.

    ``cause_id`` is the exception's id, or for a rule on trial the rule's.
    """

    __tablename__ = "withheld_matches"

    cause: Mapped[str] = mapped_column(String(16), primary_key=True)
    cause_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    event_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    rule_id: Mapped[str] = mapped_column(String(255))
    time: Mapped[UtcMilliseconds]

    __table_args__ = (Index("ix_withheld_matches_time", "cause", "cause_id", "time"),)


class WithheldTotal(Base):
    """What a cause withheld before its matches were removed by age; the count of those removed, exactly."""

    __tablename__ = "withheld_totals"

    cause: Mapped[str] = mapped_column(String(16), primary_key=True)
    cause_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    events: Mapped[int] = mapped_column(BigInteger)
    last_seen: Mapped[UtcMilliseconds]


class Silence(Base):
    """A span of time in which alerts that fit its matchers are kept out of the queue.

    ``matchers`` maps ``rules``, ``levels``, ``entities`` (``name=value``) and ``tags`` to lists; every kind that is
    named must fit, by any one of its list.
    """

    __tablename__ = "silences"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    starts: Mapped[UtcMilliseconds]
    ends: Mapped[UtcMilliseconds] = mapped_column(index=True)
    matchers: Mapped[dict[str, list[str]]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(String(255))
    created: Mapped[UtcMilliseconds]
    ended_by: Mapped[str | None] = mapped_column(String(255))


append_only(RuleExceptionTransition.__table__)
