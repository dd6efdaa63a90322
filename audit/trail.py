"""Writing the trail."""

from __future__ import annotations

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from audit.canonical import canonical_json
from audit.entry import AuditEntry
from audit.models import AuditRecord
from audit.verify_export import GENESIS_DIGEST, sm3
from events import now_ms

_POSTGRESQL_LOCK = 0x6665_6E67_7375_6901
"""Key of the advisory lock under which the chain grows; SQLite's writers hold the database's own lock already."""
_LAST = select(AuditRecord.sequence, AuditRecord.digest).order_by(AuditRecord.sequence.desc()).limit(1)
_APPEND = insert(AuditRecord)


def record(session: Session, entry: AuditEntry) -> None:
    """Append an entry to the trail, in the caller's transaction.

    Raises:
        CanonicalError: ``before`` or ``after`` holds a value without canonical form.
    """
    with session.no_autoflush:  # what else the transaction writes has no part in this, and is written at its end
        wait_for_other_writers(session)
        last = session.execute(_LAST).first()
        row: dict[str, object] = {
            "sequence": last.sequence + 1 if last else 1,
            "time_ms": now_ms(),
            "previous_digest": last.digest if last else GENESIS_DIGEST,
            **_columns(entry),
        }
        row["digest"] = sm3(canonical_json(row).encode()).hex()
        session.execute(_APPEND, row)


def wait_for_other_writers(session: Session) -> None:
    """Hold the chain until the transaction ends, so that it grows by one writer at a time."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRESQL_LOCK})


def _columns(entry: AuditEntry) -> dict[str, str | None]:
    return {
        "actor_kind": entry.actor.kind,
        "actor_id": entry.actor.id,
        "actor_name": entry.actor.name,
        "action": entry.action,
        "object_kind": entry.object_kind,
        "object_id": entry.object_id,
        "outcome": entry.outcome,
        "reason": entry.reason,
        "before": None if entry.before is None else canonical_json(entry.before),
        "after": None if entry.after is None else canonical_json(entry.after),
        "request_id": entry.request_id,
        "source_address": entry.source_address,
    }
