"""``classify``: what the columns of tables and the texts of files hold, and how they are graded."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from fengsui.exit_status import ExitStatus
from fengsui.output import say, write_lines
from fengsui.progress import row_counter

if TYPE_CHECKING:
    from classification.sources import Problem
    from fengsui.classifying import Line, Totals

Sources = Annotated[list[str], typer.Argument(help="Files, folders, or databases as SQLAlchemy URLs.")]
SchemeName = Annotated[str | None, typer.Option("--scheme", help="Grading scheme; that of the policy by default.")]
Method = Annotated[
    Literal["random", "first", "all"] | None,
    typer.Option("--sample", help="Which rows of a database's tables are read; by the policy by default."),
]
Rows = Annotated[int | None, typer.Option("--rows", min=1, help="How many; by the policy by default.")]


def classify(sources: Sources, scheme: SchemeName = None, sample: Method = None, rows: Rows = None) -> None:
    """Say what sources hold: one line a column or text file, one more for each further category in it.

    Files are read whole; values are never shown.
    """
    from classification.grading import default_scheme, load_scheme  # noqa: PLC0415 (the other commands start faster)
    from classification.sources import open_source, sampling_of  # noqa: PLC0415 (as above)
    from fengsui.classifying import Classification  # noqa: PLC0415 (as above)

    grading = load_scheme(scheme) if scheme else default_scheme()
    opened = [open_source(each, sampling_of(sample, rows)) for each in sources]
    started = time.perf_counter()
    with row_counter() as watch:
        classification = Classification(grading, watch)
        write_lines(_lines(classification.run(opened)))
    _close(classification.totals, time.perf_counter() - started)


def _lines(found: Iterator[Line | Problem]) -> Iterator[Line]:
    for each in found:
        if isinstance(each, dict):
            yield each
        else:
            say(f"{each.resource}: {each.detail}")


def _close(totals: Totals, seconds: float) -> None:
    """Tell the totals; exits with 1 when some input could not be read as it stands."""
    say(
        f"{totals.resources} tables and texts, {totals.fields} fields, {totals.rows} rows, {totals.findings} findings, "
        f"{totals.problems} problems in {seconds:.1f} s"
    )
    if totals.problems:
        raise typer.Exit(ExitStatus.SOME_INPUT_FAILED)
