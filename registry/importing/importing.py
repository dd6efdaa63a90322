"""A file into the registry: every row tried in one transaction, which is kept only when all of them hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from registry.importing.applying import REGISTER_OF, Applied, apply_entries
from registry.importing.checking import RowProblem, check_rows
from registry.importing.columns import ImportKind, columns_of, row_values
from registry.importing.reading import Row, read_rows
from registry.importing.results import RowResult
from registry.journal import journal_import
from registry.policy import import_policy
from registry.registers import Editor, Outcome
from store.records import RecordsDatabase

__all__ = ["ImportReport", "RowProblem", "RowResult", "import_file"]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or as a dry run would do; with problems it did nothing.

    Attributes:
        rows: rows read.
        refused: rows that something is wrong with.
        results: the rows that are new or change an entry, in the file's order, and
        results_unlisted: how many there are beyond those listed.
        problems: what is wrong, row by row.
        unlisted: problems beyond those listed.
        taken: whether the rows are in the registry now.
    """

    kind: ImportKind
    rows: int
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    results: tuple[RowResult, ...] = ()
    results_unlisted: int = 0
    problems: tuple[RowProblem, ...] = ()
    unlisted: int = 0
    taken: bool = False


@dataclass(slots=True)
class _Tried:
    """What trying the rows came to."""

    applied: Applied = field(default_factory=Applied)
    problems: list[RowProblem] = field(default_factory=list)


def import_file(
    records: RecordsDatabase, kind: ImportKind, content: bytes, editor: Editor, *, dry_run: bool = False
) -> ImportReport:
    """Take a file in, all of its rows or none; the same file again changes nothing.

    Raises:
        ImportFileError: the file can't be read as this register at all.
    """
    rows = read_rows(kind, content)
    checked, problems = check_rows(kind, _completed(records, kind, rows))
    tried = _Tried(problems=problems)
    with records.begin() as session:
        apply_entries(session, kind, checked, editor, (tried.applied, tried.problems))
        keep = not tried.problems and not dry_run
        if not keep:
            session.rollback()
        elif tried.applied.changes:
            journal_import(session, _summary(kind, rows, tried.applied), tried.applied.changes, editor.by)
    return _report(kind, rows, tried, taken=keep)


def _completed(records: RecordsDatabase, kind: ImportKind, rows: Sequence[Row]) -> list[Row]:
    """The rows with the columns that their file lacks as they are registered; what is empty in it stays empty."""
    every = set(columns_of(kind))
    if kind is ImportKind.FIELDS or all(every <= row.cells.keys() for row in rows):
        return list(rows)
    register = REGISTER_OF[kind]
    with records.read() as session:
        known = {row.number: register.find(session, row.cells.get("id", "")) for row in rows}
    return [
        replace(row, cells={**row_values(kind, entry.document()), **row.cells}) if (entry := known[row.number]) else row
        for row in rows
    ]


def _summary(kind: ImportKind, rows: Sequence[object], applied: Applied) -> dict[str, object]:
    outcomes = [each.outcome for each in applied.results]
    counts = {outcome.value: outcomes.count(outcome) for outcome in Outcome}
    return {"register": kind.value, "rows": len(rows), **counts}


def _report(kind: ImportKind, rows: Sequence[Row], tried: _Tried, *, taken: bool) -> ImportReport:
    limits, cells = import_policy(), {row.number: row.cells for row in rows}
    problems = sorted(tried.problems, key=lambda each: (each.row, each.column))
    listed = [replace(each, value=cells[each.row].get(each.column, "")) for each in problems[: limits.problems_maximum]]
    done = sorted(tried.applied.results, key=lambda each: each.row)
    outcomes = [each.outcome for each in done]
    changing = [each for each in done if each.outcome is not Outcome.UNCHANGED]
    return ImportReport(
        kind,
        len(rows),
        added=outcomes.count(Outcome.ADDED),
        changed=outcomes.count(Outcome.CHANGED),
        unchanged=outcomes.count(Outcome.UNCHANGED),
        refused=len({each.row for each in problems}),
        results=tuple(changing[: limits.results_maximum]),
        results_unlisted=max(0, len(changing) - limits.results_maximum),
        problems=tuple(listed),
        unlisted=max(0, len(problems) - limits.problems_maximum),
        taken=taken,
    )
