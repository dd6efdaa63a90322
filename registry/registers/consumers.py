"""The register of consumers."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from audit.authorship import ChangedBy
from registry.entries import ConsumerEntry
from registry.models import ConsumerRecord
from registry.registers.register import Register, require_unit
from registry.repository.scoping import within
from registry.vocabulary import ConsumerKind, EntryKind


def _entries(_session: Session, rows: Sequence[ConsumerRecord]) -> list[ConsumerEntry]:
    return [
        ConsumerEntry(
            id=row.id,
            name=row.name,
            kind=ConsumerKind(row.kind),
            unit_id=row.unit_id,
            company=row.company,
            contract_end=row.contract_end_ms,
        )
        for row in rows
    ]


def _check(session: Session, entry: ConsumerEntry, _before: ConsumerEntry | None) -> None:
    require_unit(session, "unit_id", entry.unit_id)


def _write(session: Session, entry: ConsumerEntry, by: ChangedBy) -> None:
    row = session.get(ConsumerRecord, entry.id) or ConsumerRecord(id=entry.id)
    row.name, row.kind, row.unit_id = entry.name, entry.kind.value, entry.unit_id
    row.company, row.contract_end_ms, row.changed_ms = entry.company, entry.contract_end, by.at_ms
    session.add(row)


CONSUMERS: Register[ConsumerEntry, ConsumerRecord] = Register(
    kind=EntryKind.CONSUMER,
    record=ConsumerRecord,
    text=(ConsumerRecord.id, ConsumerRecord.name, ConsumerRecord.company),
    visible=lambda scope: within(scope, ConsumerRecord.unit_id),
    entries=_entries,
    completed=lambda entry, _before: entry,
    check=_check,
    write=_write,
    owners=lambda _session, entry: {entry.unit_id},
)
