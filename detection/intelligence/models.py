"""Tables of threat intelligence: indicators, their append-only history, and the version of the whole set."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from audit import append_only
from store.records.database import Base, UtcMilliseconds


class IndicatorState(StrEnum):
    """Whether events are compared with an indicator."""

    ACTIVE = "active"
    RETIRED = "retired"


class Indicator(Base):
    """A value that a source holds to be malicious.

    ``value`` is in the one spelling of its type, ``id`` a digest of source, type and value. Validity is half-open, in
    milliseconds since 1970 UTC; None leaves it open. ``searched_ms`` is when the event store had been searched for it
    (None: still to be done), ``version`` that of the set in which it last changed.
    """

    __tablename__ = "indicators"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    type: Mapped[str] = mapped_column(String(16))
    value: Mapped[str] = mapped_column(String(2048))
    source: Mapped[str] = mapped_column(String(255))
    reference: Mapped[str | None] = mapped_column(String(255))
    confidence: Mapped[int]
    valid_from_ms: Mapped[int | None] = mapped_column(BigInteger)
    valid_until_ms: Mapped[int | None] = mapped_column(BigInteger)
    tlp: Mapped[str | None] = mapped_column(String(16))
    labels: Mapped[list[str]] = mapped_column(JSON)
    description: Mapped[str]
    state: Mapped[str] = mapped_column(String(16))
    created_by: Mapped[str] = mapped_column(String(255))
    created_ms: Mapped[UtcMilliseconds]
    updated_ms: Mapped[UtcMilliseconds]
    searched_ms: Mapped[int | None] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        Index("ix_indicators_type_value", "type", "value"),
        Index("ix_indicators_updated_ms", "updated_ms", "id"),
        Index("ix_indicators_due", "state", "searched_ms", "type", "id"),
    )


class IndicatorTransition(Base):
    """One change of an indicator; rows are only ever added."""

    __tablename__ = "indicator_transitions"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    indicator_id: Mapped[str] = mapped_column(ForeignKey("indicators.id"), index=True)
    at: Mapped[UtcMilliseconds]
    from_state: Mapped[str | None] = mapped_column(String(16))
    to_state: Mapped[str] = mapped_column(String(16))
    actor: Mapped[str] = mapped_column(String(255))
    reason: Mapped[str | None]


class IndicatorVersion(Base):
    """The one row that counts changes of the set, so that a process sees in one look whether to load it again."""

    __tablename__ = "indicator_version"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(BigInteger)


append_only(IndicatorTransition.__table__)
