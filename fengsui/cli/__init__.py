"""The command line ``fengsui``.

Machine output is NDJSON on standard output; messages and progress go to standard error. Exit status: 0 fine, 1 some
input failed, 2 wrong usage.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from fengsui.exit_status import ExitStatus
from fengsui.monitoring.logs import configure_logs
from fengsui.monitoring.settings import MonitoringSettings
from fengsui.output import say
from fengsui.site_policies import adopt_site_policies

_COMMANDS = {
    "up": ("processes", "up"),
    "serve": ("processes", "serve"),
    "collect": ("processes", "collect"),
    "detection-worker": ("processes", "detection_worker"),
    "work": ("processes", "work"),
    "demo-gateway": ("processes", "demo_gateway"),
    "detect": ("hunting", "detect"),
    "normalize": ("hunting", "normalize"),
    "ingest": ("storage", "ingest"),
    "search": ("storage", "search"),
    "store": ("event_store", "app"),
    "classify": ("classify", "classify"),
    "backup": ("backup", "backup"),
    "restore": ("backup", "restore"),
    "doctor": ("doctor", "doctor"),
    "rules": ("rules", "app"),
    "indicators": ("intelligence", "app"),
    "registry": ("registry", "app"),
    "accounts": ("accounts", "app"),
    "report": ("report", "app"),
    "audit": ("audit", "app"),
    "fingerprints": ("fingerprints", "app"),
}
"""Module and name of each command, in the order of the help."""


class _CommandsAsNamed(TyperGroup):
    """Imports a command when it is named: the parts behind the others take seconds."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 (Typer's own)
        """Every command."""
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401, ARG002 (Typer's own)
        """A command, None for a name that is none."""
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name]
        found = getattr(import_module(f"fengsui.cli.{module}"), name)
        if not isinstance(found, typer.Typer):
            single = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
            single.command(cmd_name)(found)
            found = single
        command = typer.main.get_command(found)
        command.name = cmd_name
        return command


app = typer.Typer(
    cls=_CommandsAsNamed,
    name="fengsui",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def fengsui() -> None:
    """烽燧 Fengsui: security-operations and data-protection monitoring for government data centers."""


def main() -> None:
    """Run the command line; an error the user can mend is one line, not a traceback."""
    configure_logs(MonitoringSettings(log_format="console"), "command")  # services configure theirs anew
    try:
        adopt_site_policies()
        app()
    except BrokenPipeError:
        # The reader (head, less) has seen enough; keep the interpreter from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        from fengsui.errors import USER_ERRORS  # noqa: PLC0415 (it knows every part, and nothing failed yet)

        if not isinstance(error, USER_ERRORS):
            raise
        say(f"fengsui: {error}")
        sys.exit(ExitStatus.WRONG_USAGE)
