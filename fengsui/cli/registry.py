"""``registry``: the registers out of files and into files."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from audit import Actor
from audit.authorship import ChangedBy
from events import now_ms
from fengsui.errors import FengsuiError
from fengsui.exit_status import ExitStatus
from fengsui.output import say, write_lines
from fengsui.processes.foundation import open_records, prepare_data_dir
from fengsui.settings import load_settings
from registry import UnitScope
from registry.exporting import export_csv, export_workbook, template_csv, template_workbook
from registry.importing import ImportKind, ImportReport, import_file
from registry.registers import Editor
from store.records import RecordsDatabase

DataDir = Annotated[Path | None, typer.Option(help="Folder of the data; `data_dir` of the settings by default.")]
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
    with _records(data_dir) as records:
        report = import_file(records, kind, path.read_bytes(), operator(), dry_run=dry_run)
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
    with _records(data_dir) as records, records.read() as session:
        if path is not None and path.suffix.lower() == _WORKBOOK:
            content = export_workbook(session, [kind], UnitScope.everything())
        else:
            content = export_csv(session, kind, UnitScope.everything())
    _write(path, content)


@app.command("template")
def template(
    kind: Kind, path: Annotated[Path | None, typer.Argument(help="Where to; .xlsx makes a workbook with notes.")] = None
) -> None:
    """Write an empty file to be filled in."""
    is_workbook = path is not None and path.suffix.lower() == _WORKBOOK
    _write(path, template_workbook(kind) if is_workbook else template_csv(kind))


def operator() -> Editor:
    """Whoever sits at this machine, by the account that runs the program."""
    return Editor(ChangedBy(Actor("system", "command-line", getpass.getuser()), now_ms()), UnitScope.everything())


def _summary(report: ImportReport) -> str:
    counts = f"{report.added} added, {report.changed} changed, {report.unchanged} known already"
    if report.problems:
        return f"{report.rows} rows, {len(report.problems) + report.unlisted} problems; nothing was taken"
    return f"{report.rows} rows: {counts}" + ("" if report.taken else "; tried only, nothing was taken")


def _write(path: Path | None, content: bytes) -> None:
    if path is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        path.write_bytes(content)
    except OSError as error:
        raise FengsuiError(f"{path}: {error.strerror}; choose another place") from error


@contextmanager
def _records(data_dir: Path | None) -> Iterator[RecordsDatabase]:
    settings = load_settings(data_dir=data_dir)
    prepare_data_dir(settings)
    with closing(open_records(settings)) as records:
        yield records
