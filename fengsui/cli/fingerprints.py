"""``fingerprints``: the key by which values are joined without being stored."""

from __future__ import annotations

import getpass
from contextlib import closing

import typer

from fengsui.cli.options import DataDir
from fengsui.output import say
from fengsui.settings import load_settings

app = typer.Typer(name="fingerprints", help="Keep the key of fingerprints.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep the key of fingerprints."""


@app.command("rotate")
def rotate(data_dir: DataDir = None) -> None:
    """Make a new key for fingerprints to come; older ones stay readable. Restart the processes afterwards."""
    from audit import Actor  # noqa: PLC0415 (the other commands start faster without it)
    from audit.authorship import Change, ChangedBy, audit_change  # noqa: PLC0415 (as above)
    from classification.masking import rotate_key  # noqa: PLC0415 (as above)
    from events import now_ms  # noqa: PLC0415 (as above)
    from fengsui.processes.foundation import open_records, prepare_data_dir  # noqa: PLC0415 (as above)

    settings = load_settings(data_dir=data_dir)
    prepare_data_dir(settings)
    by = ChangedBy(Actor("system", "command-line", getpass.getuser()), now_ms())
    with closing(open_records(settings)) as records, records.begin() as session:
        audit_change(session, Change("fingerprint_key", "rotate", settings.data_dir.name), by)
        made = rotate_key(settings.data_dir)
    say(f"fingerprints are now made with key {made.key_id}; {len(made.key_ids) - 1} older ones are still read")
