"""``registry``: the registers out of files and into files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from audit.authorship import ChangedBy
from events import now_ms
from fengsui.cli.opening import opened_records, operator
from fengsui.cli.options import DataDir
from fengsui.cli.writing import write_document
from fengsui.exit_status import ExitStatus
from fengsui.output import say, write_lines
from registry import UnitScope
from registry.exporting import export_csv, export_workbook, template_csv, template_workbook
from registry.importing import ImportKind, ImportReport, import_file
from registry.registers import Editor

Kind = Annotated[ImportKind, typer.Argument(help="Which register.")]
_WORKBOOK = ".xlsx"

app = typer.Typer(name="registry", help="Units, systems, the data catalog, consumers, grants.", no_args_is_help=True)


@app.command("import")
def import_(
    kind: Kind,
    path: Annotated[Path, typer.Argument(help="A CSV file or an Excel workbook.", exists=True, dir_okay=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,  # noqa: FBT002 (an option of the command line)
    data_dir: DataDir = None,
) -> None:
    """Take a file in, all of its rows or none: one line for each row that is wrong."""
    with opened_records(data_dir) as records:
        report = import_file(records, kind, path.read_bytes(), _editor(), dry_run=dry_run)
    write_lines({"row": each.row, "column": each.column, "problem": each.message} for each in report.problems)
    say(_summary(report))
    if report.problems:
        raise typer.Exit(ExitStatus.SOME_INPUT_FAILED)


@app.command("export")
def export(
    kind: Kind,
    path: Annotated[
        Path | None, typer.Argument(help="Where to; .xlsx makes a workbook. Else CSV, to the output.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Write a register as it can be imported again."""
    with opened_records(data_dir) as records, records.read() as session:
        if path is not None and path.suffix.lower() == _WORKBOOK:
            content = export_workbook(session, [kind], UnitScope.everything())
        else:
            content = export_csv(session, kind, UnitScope.everything())
    write_document(path, content)


@app.command("template")
def template(
    kind: Kind, path: Annotated[Path | None, typer.Argument(help="Where to; .xlsx makes a workbook with notes.")] = None
) -> None:
    """Write an empty file to be filled in."""
    is_workbook = path is not None and path.suffix.lower() == _WORKBOOK
    write_document(path, template_workbook(kind) if is_workbook else template_csv(kind))


def _editor() -> Editor:
    return Editor(ChangedBy(operator(), now_ms()), UnitScope.everything())


def _summary(report: ImportReport) -> str:
    counts = f"{report.added} added, {report.changed} changed, {report.unchanged} known already"
    if report.problems:
        return f"{report.rows} rows, {len(report.problems) + report.unlisted} problems; nothing was taken"
    return f"{report.rows} rows: {counts}" + ("" if report.taken else "; tried only, nothing was taken")
