"""What each row of a file did, or would do: an entry is new, changed value by value, or known already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registry.importing.checking import CheckedRow
from registry.importing.columns import ImportKind, columns_of, row_values
from registry.journal import EntryChange
from registry.registers import Outcome


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A value that changes, as the register's files write it."""

    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RowResult:
    """What a row (counted from 1) did with the entry it names; of a new one every value that it brings is a change."""

    row: int
    id: str
    outcome: Outcome
    changes: tuple[ValueChange, ...] = ()


def row_result(kind: ImportKind, row: CheckedRow, change: EntryChange | None) -> RowResult:
    """What a row did, from the change of its entry; of a row of a resource's fields, what it did with its field."""
    before, after = (_values(kind, row, document) for document in (change.before, change.after)) if change else ({}, {})
    changes = tuple(
        ValueChange(column, before.get(column, ""), after.get(column, ""))
        for column in columns_of(kind)
        if before.get(column, "") != after.get(column, "")
    )
    if not changes:
        return RowResult(row.number, row.entry.id, Outcome.UNCHANGED)
    return RowResult(row.number, row.entry.id, Outcome.CHANGED if before else Outcome.ADDED, changes)


def _values(kind: ImportKind, row: CheckedRow, document: Mapping[str, Any] | None) -> dict[str, str]:
    """The cells of an entry as it stands in a document; empty where it does not."""
    if document is None:
        return {}
    if kind is not ImportKind.FIELDS:
        return row_values(kind, document)
    found = (each for each in document["fields"] or () if each["name"] == row.entry.name)
    return next((row_values(kind, {**each, "resource_id": row.entry.resource_id}) for each in found), {})
