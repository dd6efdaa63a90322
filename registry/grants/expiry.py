"""Writes down that grants have expired; they cover nothing from that moment on anyway."""

from __future__ import annotations

from sqlalchemy.orm import Session

from audit import Actor
from audit.authorship import ChangedBy
from registry.grants.register import GRANTS
from registry.grants.repository import append_step, due
from registry.journal import EntryChange, journal
from registry.vocabulary import EntryKind, GrantState

_EXPIRED = "time_over"
_AT_ONCE = 500


def any_due(session: Session, now_ms: int) -> bool:
    """Whether ``expire_due`` has anything to do; only reads."""
    return bool(due(session, now_ms, 1))


def expire_due(session: Session, now_ms: int) -> int:
    """Bring grants whose time is over into the state expired, some hundreds at once; returns how many."""
    by = ChangedBy(Actor("system", "registry", "system"), now_ms)
    rows = due(session, now_ms, _AT_ONCE)
    for row in rows:
        before, state = GRANTS.entries(session, [row])[0].document(), row.state
        row.state, row.state_since_ms, row.changed_ms = GrantState.EXPIRED.value, now_ms, now_ms
        session.flush()
        append_step(session, row, state, by, _EXPIRED)
        after = GRANTS.entries(session, [row])[0].document()
        journal(session, EntryChange(EntryKind.GRANT, row.id, "expire", before, after, _EXPIRED), by)
    return len(rows)
