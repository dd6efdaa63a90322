"""Tables of alerts, their events and their append-only history."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from audit import append_only
from store.records.database import Base, UtcMilliseconds


class AlertState(StrEnum):
    """Where an alert stands in triage."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class Disposition(StrEnum):
    """What a closed alert turned out to be."""

    TRUE_POSITIVE = "true_positive"
    BENIGN = "benign"  # it happened as the rule says, and it was allowed
    FALSE_POSITIVE = "false_positive"
    UNDETERMINED = "undetermined"


class Alert(Base):
    """A rule's matches on the same entities within one window of the events' own time.

    ``entity`` maps field names to values, ``matched_fields`` is a list of
    ``{"selection", "field", "event_field", "value"}`` of the earliest event. ``severity`` is 0 (informational) to 4
    (critical). Times are milliseconds since 1970 UTC; ``first_seen`` and ``last_seen`` are the events' own. A silenced
    alert is kept out of the queue until ``silenced_until`` while it is new. ``unit_id`` and ``system_id`` are those of
    all its events; where they have several or none, it is for those who watch over all units.
    """

    __tablename__ = "alerts"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    rule_id: Mapped[str] = mapped_column(String(255), index=True)
    rule_title: Mapped[str]
    level: Mapped[str] = mapped_column(String(16))
    severity: Mapped[int]
    tags: Mapped[list[str]] = mapped_column(JSON)
    technique_ids: Mapped[list[str]] = mapped_column(JSON)
    dataset: Mapped[str] = mapped_column(String(255))
    entity: Mapped[dict[str, str]] = mapped_column(JSON)
    unit_id: Mapped[str | None] = mapped_column(String(64))
    system_id: Mapped[str | None] = mapped_column(String(64))
    first_seen: Mapped[UtcMilliseconds]
    last_seen: Mapped[UtcMilliseconds]
    created: Mapped[UtcMilliseconds]
    updated: Mapped[UtcMilliseconds]
    count: Mapped[int]
    state: Mapped[str] = mapped_column(String(16), default=AlertState.NEW.value)
    disposition: Mapped[str | None] = mapped_column(String(16))
    assignee: Mapped[str | None] = mapped_column(String(255))
    first_event_id: Mapped[str] = mapped_column(String(64))
    matched_fields: Mapped[list[dict[str, str | None]]] = mapped_column(JSON)
    silence_id: Mapped[str | None] = mapped_column(String(36), index=True)
    silenced_until: Mapped[UtcMilliseconds | None]

    __table_args__ = (
        Index("ix_alerts_severity_last_seen", "severity", "last_seen", "id"),
        Index("ix_alerts_last_seen", "last_seen", "id"),
        Index("ix_alerts_state_last_seen", "state", "last_seen"),
        Index("ix_alerts_created", "created"),
        Index("ix_alerts_unit_id_last_seen", "unit_id", "last_seen"),
    )


class AlertEntity(Base):
    """One entity field of an alert, to find alerts by entity."""

    __tablename__ = "alert_entities"

    alert_id: Mapped[str] = mapped_column(ForeignKey("alerts.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    value: Mapped[str]

    __table_args__ = (Index("ix_alert_entities_value", "value", "name"),)


class AlertEvent(Base):
    """An event of an alert; its key makes every replay a no-op and every count exact."""

    __tablename__ = "alert_events"

    alert_id: Mapped[str] = mapped_column(ForeignKey("alerts.id"), primary_key=True)
    event_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    time: Mapped[UtcMilliseconds]

    __table_args__ = (Index("ix_alert_events_time", "alert_id", "time", "event_id"),)


class AlertTransition(Base):
    """One change of an alert's state or assignee; rows are only ever added, which the database enforces."""

    __tablename__ = "alert_transitions"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    alert_id: Mapped[str] = mapped_column(ForeignKey("alerts.id"), index=True)
    at: Mapped[UtcMilliseconds]
    from_state: Mapped[str] = mapped_column(String(16))
    to_state: Mapped[str] = mapped_column(String(16))
    actor: Mapped[str] = mapped_column(String(255))
    reason: Mapped[str | None]
    disposition: Mapped[str | None] = mapped_column(String(16))
    assignee: Mapped[str | None] = mapped_column(String(255))


append_only(AlertTransition.__table__)
