"""A file into the registry: every row tried in one transaction, which is kept only when all of them hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from registry.importing.applying import Applied, apply_entries
from registry.importing.checking import RowProblem, check_rows
from registry.importing.columns import ImportKind
from registry.importing.reading import read_rows
from registry.journal import journal_import
from registry.policy import import_policy
from registry.registers import Editor, Outcome
from store.records import RecordsDatabase

__all__ = ["ImportReport", "RowProblem", "import_file"]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or as a dry run would do; with problems it did nothing.

    Attributes:
        rows: rows read.
        problems: what is wrong, row by row.
        unlisted: problems beyond those listed.
        taken: whether the rows are in the registry now.
    """

    kind: ImportKind
    rows: int
    added: int = 0
    changed: int = 0
    unchanged: int = 0
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
    checked, problems = check_rows(kind, rows)
    tried = _Tried(problems=problems)
    with records.begin() as session:
        apply_entries(session, kind, checked, editor, (tried.applied, tried.problems))
        keep = not tried.problems and not dry_run
        if not keep:
            session.rollback()
        elif tried.applied.changes:
            journal_import(session, _summary(kind, rows, tried.applied), tried.applied.changes, editor.by)
    return _report(kind, rows, tried, taken=keep)


def _summary(kind: ImportKind, rows: Sequence[object], applied: Applied) -> dict[str, object]:
    counts = {outcome.value: applied.outcomes.count(outcome) for outcome in Outcome}
    return {"register": kind.value, "rows": len(rows), **counts}


def _report(kind: ImportKind, rows: Sequence[object], tried: _Tried, *, taken: bool) -> ImportReport:
    most = import_policy().problems_maximum
    problems = sorted(tried.problems, key=lambda each: (each.row, each.column))
    outcomes = tried.applied.outcomes
    return ImportReport(
        kind,
        len(rows),
        outcomes.count(Outcome.ADDED),
        outcomes.count(Outcome.CHANGED),
        outcomes.count(Outcome.UNCHANGED),
        tuple(problems[:most]),
        max(0, len(problems) - most),
        taken,
    )
