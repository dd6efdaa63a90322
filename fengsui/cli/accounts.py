"""``accounts``: the way back in for whoever may write the data folder."""

from __future__ import annotations

import getpass
from contextlib import closing
from typing import Annotated

import typer

from fengsui.cli.options import DataDir
from fengsui.output import say
from fengsui.settings import load_settings

app = typer.Typer(name="accounts", help="Work on local accounts.", no_args_is_help=True)


@app.callback()
def accounts() -> None:
    """Work on local accounts."""


@app.command("first-administrator")
def first_administrator(data_dir: DataDir = None) -> None:
    """Make the first account, where there is none, its password random and shown once; `up` does so itself."""
    from api.identity import ensure_first_administrator  # noqa: PLC0415 (the other commands start faster without it)
    from fengsui.processes.foundation import open_records, prepare_data_dir  # noqa: PLC0415 (as above)

    settings = load_settings(data_dir=data_dir)
    prepare_data_dir(settings)
    with closing(open_records(settings)) as records, records.begin() as session:
        password = ensure_first_administrator(session)
    if password is None:
        say("there are accounts already; `fengsui accounts reset-password NAME` gives one a new password")
    else:
        say(f"user 用户  admin\npassword 口令  {password}\n(shown this once 仅显示一次)")


@app.command("reset-password")
def reset(
    name: Annotated[str, typer.Argument(help="Name of the account.")],
    data_dir: DataDir = None,
) -> None:
    """Give an account a new random password, shown once; its sessions end. Recorded in the audit trail."""
    from api.identity import reset_password  # noqa: PLC0415 (the other commands start faster without it)
    from audit import Actor  # noqa: PLC0415 (as above)
    from fengsui.processes.foundation import open_records, prepare_data_dir  # noqa: PLC0415 (as above)

    settings = load_settings(data_dir=data_dir)
    prepare_data_dir(settings)
    actor = Actor("system", "command-line", getpass.getuser())
    with closing(open_records(settings)) as records, records.begin() as session:
        password = reset_password(session, name, actor)
    say(f"password 口令  {password}\n(shown this once 仅显示一次)")
