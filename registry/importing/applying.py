"""Entries of a file into the registers, in an order in which each finds those it names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any

from sqlalchemy.orm import Session

from registry.entries import FieldEntry, ResourceEntry
from registry.errors import ContradictionError, EntryNotFoundError
from registry.grants import GRANTS
from registry.importing.checking import CheckedRow, RowProblem
from registry.importing.columns import FieldRow, ImportKind, columns_of
from registry.importing.results import RowResult, row_result
from registry.journal import EntryChange
from registry.registers import ACCOUNTS, CONSUMERS, RESOURCES, SYSTEMS, UNITS, Editor, Expect, Register
from registry.registers.register import apply

REGISTER_OF: dict[ImportKind, Register[Any, Any]] = {
    ImportKind.UNITS: UNITS,
    ImportKind.SYSTEMS: SYSTEMS,
    ImportKind.RESOURCES: RESOURCES,
    ImportKind.FIELDS: RESOURCES,
    ImportKind.CONSUMERS: CONSUMERS,
    ImportKind.ACCOUNTS: ACCOUNTS,
    ImportKind.GRANTS: GRANTS,
}


@dataclass(slots=True)
class Applied:
    """What the rows did, one by one, and the changes."""

    results: list[RowResult] = field(default_factory=list)
    changes: list[EntryChange] = field(default_factory=list)


def apply_entries(
    session: Session,
    kind: ImportKind,
    rows: Sequence[CheckedRow],
    editor: Editor,
    tally: tuple[Applied, list[RowProblem]],
) -> None:
    """Write the entries of rows, adding to the tally what they did and what is wrong with them."""
    applied, problems = tally
    register = REGISTER_OF[kind]
    ordered, circular = _ordered(kind, rows)
    problems += circular
    by_itself = ((each.entry, [each]) for each in ordered)
    for entry, of_entry in _resources(session, ordered, problems) if kind is ImportKind.FIELDS else by_itself:
        first = of_entry[0].number
        try:
            change = apply(session, register, entry, editor, Expect.EITHER)
        except ContradictionError as error:
            problems.append(RowProblem(first, error.column, error.message, error.code))
        except EntryNotFoundError as error:
            problems.append(RowProblem(first, columns_of(kind)[0], str(error), "not_yours"))
        else:
            applied.results += [row_result(kind, row, change) for row in of_entry]
            applied.changes += [change] if change else []


def _ordered(kind: ImportKind, rows: Sequence[CheckedRow]) -> tuple[list[CheckedRow], list[RowProblem]]:
    """Units after the unit above them, resources after what they are derived from, whatever the file's order."""
    named: Callable[[Any], Iterable[str]]
    if kind is ImportKind.UNITS:
        column, named = "parent_id", lambda entry: [entry.parent_id] if entry.parent_id else []
    elif kind is ImportKind.RESOURCES:
        column, named = "parents", lambda entry: entry.parents
    else:
        return list(rows), []
    by_id = {row.entry.id: row for row in rows}
    problems: list[RowProblem] = []
    while True:
        graph = {key: [name for name in named(row.entry) if name in by_id] for key, row in by_id.items()}
        try:
            return [by_id[key] for key in TopologicalSorter(graph).static_order()], problems
        except CycleError as error:
            circle = [by_id.pop(key) for key in error.args[1][:-1]]
            message = f"{' → '.join(row.entry.id for row in circle)} go round in a circle; break it"
            problems += [RowProblem(row.number, column, message, "circle") for row in circle]


def _resources(
    session: Session, rows: Sequence[CheckedRow], problems: list[RowProblem]
) -> Iterable[tuple[ResourceEntry, list[CheckedRow]]]:
    """The resources of rows of fields, with the fields added or changed."""
    by_resource: dict[str, list[CheckedRow]] = {}
    for row in rows:
        by_resource.setdefault(row.entry.resource_id, []).append(row)
    for resource_id, fields in by_resource.items():
        present = RESOURCES.find(session, resource_id)
        if present is None:
            message = f"there is no resource {resource_id}; register it first"
            problems += [RowProblem(row.number, "resource_id", message, "unknown_resource") for row in fields]
            continue
        yield _with_fields(present, [row.entry for row in fields]), fields


def _with_fields(resource: ResourceEntry, rows: Sequence[FieldRow]) -> ResourceEntry:
    listed = {each.name: each for each in resource.fields or ()}
    for row in rows:
        known = listed.get(row.name) or FieldEntry(name=row.name)
        update = {
            "label": row.label or known.label,
            "grade": row.grade or known.grade,
            "categories": row.categories or known.categories,
        }
        listed[row.name] = known.model_copy(update=update)
    return resource.model_copy(update={"fields": list(listed.values())})
