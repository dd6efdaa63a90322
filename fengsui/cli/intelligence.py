"""``indicators``: threat intelligence into the records database, out of it, and out of use."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from detection.intelligence import (
    ChangedBy,
    ImportResult,
    Indicator,
    IndicatorFilter,
    IndicatorFormat,
    IndicatorState,
    IndicatorType,
    import_indicators,
    list_indicators,
    retire_indicators,
    stream_indicators,
)
from events import format_timestamp
from fengsui.cli.opening import opened_records, operator
from fengsui.cli.options import DataDir
from fengsui.exit_status import ExitStatus
from fengsui.output import say, write_lines

app = typer.Typer(name="indicators", help="Threat intelligence that events are compared with.", no_args_is_help=True)


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="A file of indicators.", exists=True, dir_okay=False)],
    form: Annotated[IndicatorFormat, typer.Option("--format", help="What the file is.")],
    source: Annotated[str, typer.Option(help="Whose the indicators are, where the file does not say.")],
    data_dir: DataDir = None,
) -> None:
    """Import a file: one line a part that gave no indicator, with its id or line and the reason."""
    result, problems = ImportResult(), 0
    with path.open("rb") as file, opened_records(data_dir) as records:
        for reading in stream_indicators(file, form, source):
            result += import_indicators(records, reading.indicators, ChangedBy(operator()))
            write_lines({"reference": each.reference, "reason": each.reason} for each in reading.problems)
            problems += len(reading.problems) + reading.unlisted
    say(
        f"{result.added} added, {result.changed} changed, {result.unchanged} known already, "
        f"{result.retired} stay retired; {problems} parts not taken in"
    )
    if problems:
        raise typer.Exit(ExitStatus.SOME_INPUT_FAILED)


@app.command("list")
def list_(
    kind: Annotated[IndicatorType | None, typer.Option("--type", help="Of one type alone.")] = None,
    state: Annotated[IndicatorState | None, typer.Option(help="In one state alone.")] = None,
    source: Annotated[str | None, typer.Option(help="Of one source alone.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most this many, the last changed first.")] = 1000,
    data_dir: DataDir = None,
) -> None:
    """Write the indicators, one line each."""
    with opened_records(data_dir) as records, records.read() as session:
        found = list_indicators(session, IndicatorFilter(kind, state, source), limit=limit)
        write_lines(_line(each) for each in found)


@app.command("retire")
def retire(
    ids: Annotated[list[str], typer.Argument(help="Ids of indicators, as `indicators list` gives them.")],
    reason: Annotated[str, typer.Option(help="Why events need not be compared with them any more.")],
    data_dir: DataDir = None,
) -> None:
    """Stop comparing events with indicators; importing them again does not bring them back."""
    with opened_records(data_dir) as records, records.begin() as session:
        retired = retire_indicators(session, ids, reason, ChangedBy(operator()))
    say(f"{retired} retired")


def _line(row: Indicator) -> dict[str, object]:
    return {
        "id": row.id,
        "type": row.type,
        "value": row.value,
        "source": row.source,
        "confidence": row.confidence,
        "valid_from": _moment(row.valid_from_ms),
        "valid_until": _moment(row.valid_until_ms),
        "tlp": row.tlp,
        "labels": row.labels,
        "description": row.description,
        "state": row.state,
        "searched": _moment(row.searched_ms),
    }


def _moment(value: int | None) -> str | None:
    return None if value is None else format_timestamp(value)
