"""Tables of incidents, what is linked to them, and their append-only histories."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from audit import append_only
from store.records.database import Base, UtcMilliseconds


class Incident(Base):
    """What people respond to.

    ``number`` counts from 1 without gaps. ``unit_id`` is None for what belongs to the center alone. ``facts`` are what
    the proposed level was made of, ``reasons`` the codes of why; ``level`` is unset until a person decides.
    ``accountable`` maps operator, owner and supervisor to units, as they were when it was opened. ``group_key`` is
    set where a rule of opening may link further alerts. ``acknowledged_ms`` is when somebody first took it on,
    ``handled_ms`` when the response was done, ``reopened_ms`` when it was last reopened.
    """

    __tablename__ = "incidents"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    title: Mapped[str] = mapped_column(String(255))
    summary: Mapped[str] = mapped_column(Text)
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("registry_units.id"), index=True)
    system_id: Mapped[str | None] = mapped_column(ForeignKey("registry_systems.id"), index=True)
    operator: Mapped[str] = mapped_column(String(32))
    class_code: Mapped[str] = mapped_column(String(64))
    subclass_code: Mapped[str | None] = mapped_column(String(64))
    facts: Mapped[dict[str, object]] = mapped_column(JSON)
    proposed_level: Mapped[int]
    reasons: Mapped[list[dict[str, object]]] = mapped_column(JSON)
    level: Mapped[int | None]
    level_decided_by: Mapped[str | None] = mapped_column(String(128))
    state: Mapped[str] = mapped_column(String(16))
    conclusion: Mapped[str | None] = mapped_column(String(32))
    owner_id: Mapped[str | None] = mapped_column(String(128))
    owner_name: Mapped[str | None] = mapped_column(String(255))
    accountable: Mapped[dict[str, str]] = mapped_column(JSON)
    source: Mapped[str] = mapped_column(String(16))
    opened_by: Mapped[str] = mapped_column(String(255))
    opened_ms: Mapped[UtcMilliseconds]
    discovered_ms: Mapped[UtcMilliseconds]
    acknowledged_ms: Mapped[int | None] = mapped_column(BigInteger)
    handled_ms: Mapped[int | None] = mapped_column(BigInteger)
    reopened_ms: Mapped[int | None] = mapped_column(BigInteger)
    closed_ms: Mapped[int | None] = mapped_column(BigInteger)
    changed_ms: Mapped[UtcMilliseconds]
    merged_into_id: Mapped[str | None] = mapped_column(ForeignKey("incidents.id"), index=True)
    group_key: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (
        Index("ix_incidents_state_changed_ms", "state", "changed_ms"),
        Index("ix_incidents_group_key", "group_key", "opened_ms"),
        Index("ix_incidents_opened_ms", "opened_ms"),
    )

    @property
    def effective_level(self) -> int:
        """The level that holds: decided, or else proposed."""
        return self.level or self.proposed_level


class IncidentTransition(Base):
    """One step of an incident; rows are only ever added."""

    __tablename__ = "incident_transitions"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incidents.id"), index=True)
    at: Mapped[UtcMilliseconds]
    from_state: Mapped[str | None] = mapped_column(String(16))
    to_state: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[str] = mapped_column(String(128))
    actor: Mapped[str] = mapped_column(String(255))
    reason: Mapped[str | None] = mapped_column(Text)
    conclusion: Mapped[str | None] = mapped_column(String(32))


class IncidentAlert(Base):
    """Whether an alert is linked to an incident at present; one that people unlinked stays, as not linked."""

    __tablename__ = "incident_alerts"

    incident_id: Mapped[str] = mapped_column(ForeignKey("incidents.id"), primary_key=True)
    alert_id: Mapped[str] = mapped_column(ForeignKey("alerts.id"), primary_key=True, index=True)
    is_linked: Mapped[bool]
    changed_ms: Mapped[UtcMilliseconds]


class TimelineRecord(Base):
    """One line of an incident's timeline; rows are only ever added.

    ``at`` is when it happened, ``recorded_ms`` when it was written; ``reference`` is the id of what it tells of,
    ``detail`` holds codes and figures that a page puts into words.
    """

    __tablename__ = "incident_timeline"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incidents.id"))
    at: Mapped[UtcMilliseconds]
    recorded_ms: Mapped[UtcMilliseconds]
    kind: Mapped[str] = mapped_column(String(16))
    reference: Mapped[str] = mapped_column(String(128))
    text: Mapped[str] = mapped_column(Text)
    detail: Mapped[dict[str, object]] = mapped_column(JSON)
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[str] = mapped_column(String(128))
    actor: Mapped[str] = mapped_column(String(255))

    __table_args__ = (Index("ix_incident_timeline_incident_id_at", "incident_id", "at", "id"),)


class IncidentTask(Base):
    """Something to do for an incident; its history stands in the timeline."""

    __tablename__ = "incident_tasks"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incidents.id"), index=True)
    title: Mapped[str] = mapped_column(String(255))
    state: Mapped[str] = mapped_column(String(16))
    assignee: Mapped[str | None] = mapped_column(String(255))
    due_ms: Mapped[int | None] = mapped_column(BigInteger)
    created_ms: Mapped[UtcMilliseconds]
    changed_ms: Mapped[UtcMilliseconds]


class IncidentReport(Base):
    """A report to an authority that was made; rows are only ever added."""

    __tablename__ = "incident_reports"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incidents.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    addressee: Mapped[str] = mapped_column(String(255))
    text: Mapped[str] = mapped_column(Text)
    reported_ms: Mapped[UtcMilliseconds]
    recorded_ms: Mapped[UtcMilliseconds]
    actor_id: Mapped[str] = mapped_column(String(128))
    actor: Mapped[str] = mapped_column(String(255))


append_only(IncidentTransition.__table__)
append_only(IncidentReport.__table__)
append_only(TimelineRecord.__table__)
