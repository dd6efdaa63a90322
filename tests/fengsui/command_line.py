"""``fengsui`` in a process of its own, forked from one that has imported every command: a start without its seconds."""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.patience import PATIENCE_SECONDS

_COMMANDS = Path(__file__).resolve().parents[2] / "fengsui/cli"
_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload([f"fengsui.cli.{path.stem}" for path in sorted(_COMMANDS.glob("[!_]*.py"))])


@dataclass(frozen=True)
class Ran:
    status: int | None
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


def run_fengsui(folder: Path, arguments: Sequence[str | Path], environment: dict[str, str]) -> Ran:
    """Run a command in a folder."""
    out, err = folder / ".stdout", folder / ".stderr"
    task = (folder, [str(argument) for argument in arguments], {**os.environ, **environment}, out, err)
    process = _SERVER.Process(target=_as_command, args=task)
    process.start()
    process.join(PATIENCE_SECONDS)
    if process.is_alive():
        process.kill()
    process.join()
    ran = Ran(process.exitcode, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8"))
    out.unlink()
    err.unlink()
    return ran


def _as_command(folder: Path, arguments: list[str], environment: dict[str, str], out: Path, err: Path) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    for path, descriptor in ((out, 1), (err, 2)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), descriptor)
    sys.argv = ["fengsui", *arguments]
    from fengsui.cli import main  # noqa: PLC0415 (in the child alone)

    main()
