"""Reading the trail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.models import AuditRecord


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which records to list; None matches all. ``before_sequence`` is where the next page starts."""

    actor_id: str | None = None
    action: str | None = None
    object_kind: str | None = None
    object_id: str | None = None
    before_sequence: int | None = None


def list_records(session: Session, selection: AuditFilter, limit: int) -> Sequence[AuditRecord]:
    """At most ``limit`` records, newest first."""
    statement = select(AuditRecord).order_by(AuditRecord.sequence.desc()).limit(limit)
    for name in ("actor_id", "action", "object_kind", "object_id"):
        wanted = getattr(selection, name)
        if wanted is not None:
            statement = statement.where(getattr(AuditRecord, name) == wanted)
    if selection.before_sequence is not None:
        statement = statement.where(AuditRecord.sequence < selection.before_sequence)
    return session.scalars(statement).all()
