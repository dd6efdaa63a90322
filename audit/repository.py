"""Reading the trail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.models import AuditRecord


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which records to list; None matches all. ``before_sequence`` is where the next page starts.

    ``start_ms`` and ``end_ms`` bound the time, half-open.
    """

    actor_id: str | None = None
    actor_name: str | None = None
    action: str | None = None
    object_kind: str | None = None
    object_id: str | None = None
    outcome: str | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    before_sequence: int | None = None


def recorded_actions(session: Session) -> Sequence[str]:
    """Every action that the trail holds, by name."""
    return session.scalars(select(AuditRecord.action).distinct().order_by(AuditRecord.action)).all()


def list_records(session: Session, selection: AuditFilter, limit: int) -> Sequence[AuditRecord]:
    """At most ``limit`` records, newest first."""
    statement = select(AuditRecord).order_by(AuditRecord.sequence.desc()).limit(limit)
    for name in ("actor_id", "actor_name", "action", "object_kind", "object_id", "outcome"):
        wanted = getattr(selection, name)
        if wanted is not None:
            statement = statement.where(getattr(AuditRecord, name) == wanted)
    if selection.start_ms is not None:
        statement = statement.where(AuditRecord.time_ms >= selection.start_ms)
    if selection.end_ms is not None:
        statement = statement.where(AuditRecord.time_ms < selection.end_ms)
    if selection.before_sequence is not None:
        statement = statement.where(AuditRecord.sequence < selection.before_sequence)
    return session.scalars(statement).all()
