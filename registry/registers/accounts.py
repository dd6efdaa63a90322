"""The register of accounts, and when they were last used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from audit.authorship import ChangedBy
from registry.entries import AccountEntry
from registry.errors import ContradictionError
from registry.models import AccountRecord, ConsumerRecord, SystemRecord
from registry.registers.register import Register
from registry.repository.scoping import within
from registry.scope import UnitScope
from registry.vocabulary import AccountState, EntryKind


def note_uses(session: Session, uses: Mapping[str, int]) -> None:
    """Keep when accounts were last used (ms by account id); no change of the registry, so nothing is loaded anew."""
    for account_id, at_ms in sorted(uses.items()):
        later = or_(AccountRecord.last_used_ms.is_(None), AccountRecord.last_used_ms < at_ms)
        session.execute(update(AccountRecord).where(AccountRecord.id == account_id, later).values(last_used_ms=at_ms))


def _entries(_session: Session, rows: Sequence[AccountRecord]) -> list[AccountEntry]:
    return [
        AccountEntry(id=row.id, consumer_id=row.consumer_id, system_id=row.system_id, state=AccountState(row.state))
        for row in rows
    ]


def _check(session: Session, entry: AccountEntry, _before: AccountEntry | None) -> None:
    if session.get(ConsumerRecord, entry.consumer_id) is None:
        raise ContradictionError(
            "consumer_id", f"there is no consumer {entry.consumer_id}; register it first", "unknown_consumer"
        )
    if entry.system_id and session.get(SystemRecord, entry.system_id) is None:
        raise ContradictionError(
            "system_id", f"there is no system {entry.system_id}; register it first", "unknown_system"
        )


def _write(session: Session, entry: AccountEntry, by: ChangedBy) -> None:
    row = session.get(AccountRecord, entry.id) or AccountRecord(id=entry.id)
    row.consumer_id, row.system_id = entry.consumer_id, entry.system_id
    row.state, row.changed_ms = entry.state.value, by.at_ms
    session.add(row)


def _visible(scope: UnitScope) -> ColumnElement[bool]:
    return AccountRecord.consumer_id.in_(select(ConsumerRecord.id).where(within(scope, ConsumerRecord.unit_id)))


def _owners(session: Session, entry: AccountEntry) -> set[str]:
    consumer = session.get(ConsumerRecord, entry.consumer_id)
    return {consumer.unit_id} if consumer else set()


ACCOUNTS: Register[AccountEntry, AccountRecord] = Register(
    kind=EntryKind.ACCOUNT,
    record=AccountRecord,
    text=(AccountRecord.id,),
    visible=_visible,
    entries=_entries,
    completed=lambda entry, _before: entry,
    check=_check,
    write=_write,
    owners=_owners,
)
