"""Writing the trail and checking that nobody touched it."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from audit.canonical import canonical_json
from audit.entry import AuditEntry
from audit.models import AuditRecord
from events import now_ms

_GENESIS_DIGEST = "0" * 64
_POSTGRESQL_LOCK = 0x6665_6E67_7375_6901
"""Key of the advisory lock under which the chain grows; SQLite's writers hold the database's own lock already."""
_VERIFY_BATCH = 1000
_CHAINED = tuple(column.name for column in AuditRecord.__table__.columns if column.name != "digest")


def record(session: Session, entry: AuditEntry) -> AuditRecord:
    """Append an entry to the trail, in the caller's transaction.

    Raises:
        CanonicalError: ``before`` or ``after`` holds a value without canonical form.
    """
    _wait_for_other_writers(session)
    last = session.execute(
        select(AuditRecord.sequence, AuditRecord.digest).order_by(AuditRecord.sequence.desc()).limit(1)
    ).first()
    row = AuditRecord(
        sequence=last.sequence + 1 if last else 1,
        time_ms=now_ms(),
        previous_digest=last.digest if last else _GENESIS_DIGEST,
        **_columns(entry),
    )
    row.digest = _digest(row)
    session.add(row)
    session.flush()
    return row


def verify_chain(session: Session) -> int | None:
    """The first sequence number that is missing or whose record was changed; None when the trail holds.

    Records cut off the end leave no trace in the trail itself; only a digest kept elsewhere shows that.
    """
    expected, previous = 1, _GENESIS_DIGEST
    rows = session.scalars(
        select(AuditRecord).order_by(AuditRecord.sequence).execution_options(yield_per=_VERIFY_BATCH)
    )
    for row in rows:
        if row.sequence != expected or row.previous_digest != previous or row.digest != _digest(row):
            return expected
        expected, previous = expected + 1, row.digest
        session.expunge(row)
    return None


def _wait_for_other_writers(session: Session) -> None:
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


def _digest(row: AuditRecord) -> str:
    digest = hashes.Hash(hashes.SM3())
    digest.update(canonical_json({name: getattr(row, name) for name in _CHAINED}).encode("utf-8"))
    return digest.finalize().hex()
