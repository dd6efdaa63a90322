"""Rows held against what an entry must be, and against each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from registry.entries.problems import problems_of
from registry.importing.columns import ENTRY_OF, ImportKind, columns_of, entry_values
from registry.importing.reading import Row


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with a row of a file.

    Attributes:
        row: which, from 1.
        column: the value that is wrong.
        message: what is wrong with it and what to do.
        code: what kind of problem, stable.
        other_row: the row that it contradicts.
        value: what stands there.
    """

    row: int
    column: str
    message: str
    code: str = "contradiction"
    other_row: int | None = None
    value: str = ""


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row that is an entry by itself."""

    number: int
    entry: Any


def check_rows(kind: ImportKind, rows: Sequence[Row]) -> tuple[list[CheckedRow], list[RowProblem]]:
    """The entries of the rows, and what is wrong; of rows that say the same of one id the first counts."""
    checked: list[CheckedRow] = []
    problems: list[RowProblem] = []
    seen: dict[str, CheckedRow] = {}
    for row in rows:
        try:
            entry = ENTRY_OF[kind].model_validate(entry_values(kind, row.cells))
        except ValidationError as error:
            found = problems_of(error, columns_of(kind))
            problems += [RowProblem(row.number, each.column, each.message, each.code) for each in found]
            continue
        each = CheckedRow(row.number, entry)
        first = seen.setdefault(each.entry.id, each)
        if first is each:
            checked.append(each)
        elif first.entry != entry:
            columns = _differing(kind, first.entry, entry)
            message = f"row {first.number} says otherwise of {each.entry.id}; keep the row that is right"
            problems.append(RowProblem(row.number, columns, message, "other_row", first.number))
    return checked, problems


def _differing(kind: ImportKind, one: BaseModel, other: BaseModel) -> str:
    before, after = one.model_dump(), other.model_dump()
    columns = [name for name in before if before[name] != after[name]]
    return next((column for column in columns if column in columns_of(kind)), columns[0])
