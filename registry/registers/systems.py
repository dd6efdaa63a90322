"""The register of systems."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from audit.authorship import ChangedBy
from registry.entries import SystemEntry
from registry.errors import ContradictionError
from registry.models import SystemAddress, SystemLogName, SystemRecord
from registry.registers.register import Register, require_unit
from registry.repository.scoping import within
from registry.vocabulary import EntryKind

_ACCOUNTABLE = ("operator_id", "owner_id", "supervisor_id")
_TAKEN_OVER = (
    *("name", "operator_id", "owner_id", "supervisor_id", "level", "level_s", "level_a", "filing_number"),
    *("is_critical", "zone", "description"),
)


def _entries(session: Session, rows: Sequence[SystemRecord]) -> list[SystemEntry]:
    ids = [row.id for row in rows]
    addresses = _by_system(session, SystemAddress.network, SystemAddress.system_id, ids)
    log_names = _by_system(session, SystemLogName.name, SystemLogName.system_id, ids)
    return [
        SystemEntry(
            id=row.id,
            addresses=addresses.get(row.id, []),
            log_names=log_names.get(row.id, []),
            **{name: getattr(row, name) for name in _TAKEN_OVER},
        )
        for row in rows
    ]


def _by_system(
    session: Session, value: InstrumentedAttribute[str], system: InstrumentedAttribute[str], ids: list[str]
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for system_id, each in session.execute(select(system, value).where(system.in_(ids)).order_by(value)):
        found.setdefault(system_id, []).append(each)
    return found


def _check(session: Session, entry: SystemEntry, _before: SystemEntry | None) -> None:
    for column in _ACCOUNTABLE:
        require_unit(session, column, getattr(entry, column))
    wanted = select(SystemAddress).where(
        SystemAddress.network.in_(entry.addresses), SystemAddress.system_id != entry.id
    )
    for other in session.scalars(wanted.order_by(SystemAddress.network).limit(1)):
        raise ContradictionError(
            "addresses",
            f"{other.network} belongs to system {other.system_id}; remove it from one of the two",
            "taken_elsewhere",
        )
    named = select(SystemLogName).where(SystemLogName.name.in_(entry.log_names), SystemLogName.system_id != entry.id)
    for name in session.scalars(named.order_by(SystemLogName.name).limit(1)):
        raise ContradictionError(
            "log_names",
            f"{name.name} belongs to system {name.system_id}; remove it from one of the two",
            "taken_elsewhere",
        )


def _write(session: Session, entry: SystemEntry, by: ChangedBy) -> None:
    row = session.get(SystemRecord, entry.id) or SystemRecord(id=entry.id)
    for name in _TAKEN_OVER:
        setattr(row, name, getattr(entry, name))
    row.changed_ms = by.at_ms
    session.add(row)
    session.flush()
    session.execute(delete(SystemAddress).where(SystemAddress.system_id == entry.id))
    session.execute(delete(SystemLogName).where(SystemLogName.system_id == entry.id))
    session.add_all(SystemAddress(network=network, system_id=entry.id) for network in entry.addresses)
    session.add_all(SystemLogName(name=name, system_id=entry.id) for name in entry.log_names)


SYSTEMS: Register[SystemEntry, SystemRecord] = Register(
    kind=EntryKind.SYSTEM,
    record=SystemRecord,
    text=(SystemRecord.id, SystemRecord.name, SystemRecord.filing_number),
    visible=lambda scope: within(scope, SystemRecord.operator_id, SystemRecord.owner_id, SystemRecord.supervisor_id),
    entries=_entries,
    completed=lambda entry, _before: entry.model_copy(
        update={"addresses": sorted(entry.addresses), "log_names": sorted(entry.log_names)}
    ),
    check=_check,
    write=_write,
    owners=lambda _session, entry: {entry.operator_id, entry.owner_id, entry.supervisor_id},
)
