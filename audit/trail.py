"""Writing the trail."""

from __future__ import annotations

from functools import cache

from sqlalchemy.orm import Session

from audit.canonical import canonical_json
from audit.entry import AuditEntry
from audit.models import AuditRecord
from audit.verify_export import GENESIS_DIGEST, sm3
from events import now_ms

_POSTGRESQL_LOCK = 0x6665_6E67_7375_6901
"""Key of the advisory lock under which the chain grows; SQLite's writers hold the database's own lock already."""
_TABLE = AuditRecord.__tablename__
_COLUMNS = tuple(column.name for column in AuditRecord.__table__.columns)
_LAST = f"SELECT sequence, digest FROM {_TABLE} ORDER BY sequence DESC LIMIT 1"  # noqa: S608 (names of our own)


def record(session: Session, entry: AuditEntry) -> None:
    """Append an entry to the trail, in the caller's transaction.

    It is written past the ORM, which would cost more than everything else together; what else the transaction holds
    has no part in it, and is written at its end.

    Raises:
        CanonicalError: ``before`` or ``after`` holds a value without canonical form.
    """
    wait_for_other_writers(session)
    connection = session.connection()
    last = connection.exec_driver_sql(_LAST).first()
    row: dict[str, object] = {
        "sequence": last[0] + 1 if last else 1,
        "time_ms": now_ms(),
        "previous_digest": last[1] if last else GENESIS_DIGEST,
        **_columns(entry),
    }
    row["digest"] = sm3(canonical_json(row).encode()).hex()
    connection.exec_driver_sql(_append(connection.dialect.paramstyle), tuple(row[name] for name in _COLUMNS))


@cache
def _append(paramstyle: str) -> str:
    """The statement in the driver's own way of marking values."""
    mark = "?" if paramstyle == "qmark" else "%s"
    names = ", ".join(f'"{name}"' for name in _COLUMNS)
    return f"INSERT INTO {_TABLE} ({names}) VALUES ({', '.join([mark] * len(_COLUMNS))})"  # noqa: S608 (as above)


def wait_for_other_writers(session: Session) -> None:
    """Hold the chain until the transaction ends, so that it grows by one writer at a time."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (_POSTGRESQL_LOCK,))


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
