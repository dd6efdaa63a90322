"""The command line ``fengsui``.

Machine output is NDJSON on standard output; messages and progress go to standard error. Exit status: 0 fine, 1 some
input failed, 2 wrong usage.
"""

from __future__ import annotations

import os
import sys

import typer

from fengsui.cli import (
    accounts,
    audit,
    classify,
    doctor,
    fingerprints,
    hunting,
    intelligence,
    processes,
    registry,
    rules,
    storage,
)
from fengsui.errors import USER_ERRORS
from fengsui.exit_status import ExitStatus
from fengsui.output import say

app = typer.Typer(
    name="fengsui",
    help="烽燧 Fengsui: security-operations and data-protection monitoring for government data centers.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("up")(processes.up)
app.command("serve")(processes.serve)
app.command("collect")(processes.collect)
app.command("work")(processes.work)
app.command("detect")(hunting.detect)
app.command("normalize")(hunting.normalize)
app.command("ingest")(storage.ingest)
app.command("search")(storage.search)
app.command("classify")(classify.classify)
app.command("doctor")(doctor.doctor)
app.add_typer(rules.app, name="rules")
app.add_typer(intelligence.app, name="indicators")
app.add_typer(registry.app, name="registry")
app.add_typer(accounts.app, name="accounts")
app.add_typer(audit.app, name="audit")
app.add_typer(fingerprints.app, name="fingerprints")


def main() -> None:
    """Run the command line; an error the user can mend is one line, not a traceback."""
    try:
        app()
    except USER_ERRORS as error:
        say(f"fengsui: {error}")
        sys.exit(ExitStatus.WRONG_USAGE)
    except BrokenPipeError:
        # The reader (head, less) has seen enough; keep the interpreter from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
