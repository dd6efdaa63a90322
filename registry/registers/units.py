"""The register of units."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.authorship import ChangedBy
from registry.entries import Contact, UnitEntry
from registry.errors import ContradictionError
from registry.models import UnitRecord
from registry.registers.register import Register, require_unit
from registry.repository.scoping import within
from registry.vocabulary import EntryKind, UnitLevel

_RANK = {level: place for place, level in enumerate(UnitLevel)}
_LONGEST_PATH = 1024


def _entries(_session: Session, rows: Sequence[UnitRecord]) -> list[UnitEntry]:
    return [
        UnitEntry(
            id=row.id,
            name=row.name,
            level=UnitLevel(row.level),
            parent_id=row.parent_id,
            contacts=[Contact.model_validate(each) for each in row.contacts],
        )
        for row in rows
    ]


def _check(session: Session, entry: UnitEntry, before: UnitEntry | None) -> None:
    children = list(session.scalars(select(UnitRecord).where(UnitRecord.parent_id == entry.id))) if before else []
    if any(_RANK[UnitLevel(child.level)] < _RANK[entry.level] for child in children):
        raise ContradictionError(
            "level", "a unit below it is of a higher level; correct the level of one of the two", "level_below"
        )
    if entry.parent_id is None:
        return
    parent = require_unit(session, "parent_id", entry.parent_id)
    if f"/{entry.id}/" in parent.path:
        raise ContradictionError(
            "parent_id", f"{parent.id} stands below this unit; a unit can't be below itself", "circle"
        )
    if _RANK[UnitLevel(parent.level)] > _RANK[entry.level]:
        raise ContradictionError(
            "level", f"the unit above it is of level {parent.level}; correct the level or the parent", "level_above"
        )
    if len(parent.path) + len(entry.id) + 1 > _LONGEST_PATH:
        raise ContradictionError("parent_id", "the tree would be too deep here; move the unit up", "too_deep")


def _write(session: Session, entry: UnitEntry, by: ChangedBy) -> None:
    row = session.get(UnitRecord, entry.id) or UnitRecord(id=entry.id, path="")
    parent = session.get(UnitRecord, entry.parent_id) if entry.parent_id else None
    old_path, path = row.path, f"{parent.path if parent else '/'}{entry.id}/"
    row.name, row.level, row.parent_id, row.path = entry.name, entry.level.value, entry.parent_id, path
    row.contacts = [contact.document() for contact in entry.contacts]
    row.changed_ms = by.at_ms
    session.add(row)
    if old_path and old_path != path:
        below = select(UnitRecord).where(UnitRecord.path.startswith(old_path, autoescape=True), UnitRecord.id != row.id)
        for child in session.scalars(below):
            child.path = path + child.path.removeprefix(old_path)


def _owners(_session: Session, entry: UnitEntry) -> set[str]:
    """The unit above answers for a unit: nobody moves their own unit to where more would be theirs."""
    return {entry.parent_id} if entry.parent_id else set()


UNITS: Register[UnitEntry, UnitRecord] = Register(
    kind=EntryKind.UNIT,
    record=UnitRecord,
    text=(UnitRecord.id, UnitRecord.name),
    visible=lambda scope: within(scope, UnitRecord.id),
    entries=_entries,
    completed=lambda entry, _before: entry,
    check=_check,
    write=_write,
    owners=_owners,
)
