"""``audit``: check the trail, take it out, publish the key that vouches for it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fengsui.cli.options import DataDir
from fengsui.exit_status import ExitStatus
from fengsui.output import say, write_lines
from fengsui.settings import Settings, load_settings

if TYPE_CHECKING:
    from audit import Verdict

app = typer.Typer(name="audit", help="Check and export the audit trail.", no_args_is_help=True)


@app.command("verify")
def verify(
    export: Annotated[Path | None, typer.Option(help="Check this exported file instead of the database.")] = None,
    anchors: Annotated[list[Path] | None, typer.Option(help="More files of checkpoints kept elsewhere.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Check that nobody touched the trail; exit 1 when somebody did."""
    from audit import Trust, verify_trail  # noqa: PLC0415 (the other commands start faster without it)
    from audit.verify_export import check_export  # noqa: PLC0415 (as above)
    from fengsui.processes.foundation import open_records, trail_trust  # noqa: PLC0415 (as above)

    settings = _prepared(data_dir)
    more = tuple(anchors or ())
    trust = trail_trust(settings)
    if export is not None:
        _tell(check_export(export, more, trust.public_keys))
        return
    with closing(open_records(settings)) as records, records.read() as session:
        _tell(verify_trail(session, Trust(trust.public_keys, (*trust.anchors, *more))))


@app.command("export")
def export(data_dir: DataDir = None) -> None:
    """Write the trail with its checkpoints to standard output, for the stand-alone ``verify_export.py``."""
    from audit import export_lines  # noqa: PLC0415 (the other commands start faster without it)
    from fengsui.processes.foundation import open_records  # noqa: PLC0415 (as above)

    with closing(open_records(_prepared(data_dir))) as records, records.read() as session:
        write_lines(export_lines(session))


@app.command("public-key")
def public_key(data_dir: DataDir = None) -> None:
    """Write the public key that vouches for the trail; keep it where the database's owner can't change it."""
    from fengsui.processes.foundation import checkpoint_signer  # noqa: PLC0415 (the other commands start faster without it)

    typer.echo(checkpoint_signer(_prepared(data_dir)).public_key.hex())


def _prepared(data_dir: Path | None) -> Settings:
    from fengsui.processes.foundation import prepare_data_dir  # noqa: PLC0415 (the other commands start faster without it)

    settings = load_settings(data_dir=data_dir)
    prepare_data_dir(settings)
    return settings


def _tell(verdict: Verdict) -> None:
    from audit.verify_export import describe  # noqa: PLC0415 (the other commands start faster without it)

    write_lines(
        [
            {
                "holds": verdict.holds,
                "records": verdict.records,
                "first_bad": verdict.first_bad,
                "anchored": verdict.anchored_to,
                "unanchored": verdict.unanchored,
                "problems": list(verdict.problems),
            }
        ]
    )
    say(describe(verdict))
    if not verdict.holds:
        raise typer.Exit(ExitStatus.SOME_INPUT_FAILED)
