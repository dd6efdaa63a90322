"""``backup`` and ``restore``: the whole installation into a folder, and back."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from fengsui.cli.options import DataDir
from fengsui.exit_status import ExitStatus
from fengsui.output import say, write_lines
from fengsui.settings import load_settings

PassphraseFile = Annotated[
    Path | None, typer.Option(help="File with the passphrase; `backup.passphrase_file` of the settings by default.")
]


def backup(
    target: Annotated[Path, typer.Argument(help="Folder that holds the backups; each run makes one in it.")],
    passphrase_file: PassphraseFile = None,
    keep: Annotated[int | None, typer.Option(min=1, help="Keep so many of the newest, remove the others.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Back up everything while it runs, sealed: records, events, spools, attached files, settings and keys."""
    from fengsui.backup.making import make_backup, remove_older  # noqa: PLC0415 (the other commands start faster)
    from fengsui.backup.passphrase import read_passphrase  # noqa: PLC0415 (as above)
    from fengsui.processes.foundation import open_records, prepare_data_dir  # noqa: PLC0415 (as above)

    settings = load_settings(data_dir=data_dir)
    apart = (target, settings.data_dir)
    passphrase = read_passphrase(passphrase_file or settings.backup.passphrase_file, apart)
    prepare_data_dir(settings)
    with closing(open_records(settings)) as records:
        made = make_backup(settings, records, target, passphrase)
    try:
        if keep is not None:
            made = replace(made, removed=remove_older(settings, target, keep, passphrase))
    finally:  # the backup is whole, whether or not older ones could be removed
        write_lines([asdict(made)])
        say(f"{made.path}: {made.files} files ({made.linked} unchanged), {made.events} events, {made.bytes:,} bytes")


def restore(
    source: Annotated[Path, typer.Argument(help="Folder of one backup.")],
    passphrase_file: PassphraseFile = None,
    check: Annotated[bool, typer.Option("--check", help="Only verify the backup; nothing is written.")] = False,  # noqa: FBT002 (an option of the command line)
    force: Annotated[bool, typer.Option("--force", help="Set aside the data that is there.")] = False,  # noqa: FBT002 (as above)
    data_dir: DataDir = None,
) -> None:
    """Verify a backup, put it in the place of an installation that is stopped, and verify its audit trail."""
    from audit.verify_export import describe  # noqa: PLC0415 (the other commands start faster without it)
    from fengsui.backup.passphrase import read_passphrase  # noqa: PLC0415 (as above)
    from fengsui.backup.restoring import restore_backup  # noqa: PLC0415 (as above)
    from fengsui.backup.verifying import verify_backup  # noqa: PLC0415 (as above)

    settings = load_settings(data_dir=data_dir)
    verified = verify_backup(source, read_passphrase(passphrase_file or settings.backup.passphrase_file))
    manifest = verified.manifest
    told = {"backup": manifest.name, "created": manifest.created, "files": len(manifest.files)}
    told |= {"events": manifest.contents.events, "audit_records": manifest.contents.audit_records}
    say(f"{source}: whole and unchanged since {manifest.created}")
    if check:
        write_lines([told])
        return
    restored = restore_backup(settings, verified, force=force)
    verdict = restored.verdict
    write_lines([{**told, "trail_holds": verdict.holds, "set_aside": list(restored.set_aside)}])
    for path in restored.set_aside:
        say(f"set aside: {path}; remove it when you no longer need it")
    say(describe(verdict))
    if not verdict.holds:
        raise typer.Exit(ExitStatus.SOME_INPUT_FAILED)
