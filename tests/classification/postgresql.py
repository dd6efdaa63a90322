"""A PostgreSQL server of its own for tests, where the machine has the program."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Cluster:
    port: int

    def url(self, user: str, password: str = "owner") -> str:
        return f"postgresql+psycopg://{user}:{password}@127.0.0.1:{self.port}/postgres"

    @classmethod
    def running(cls) -> Iterator[Cluster]:
        """Started in a folder of its own, as another user where this one is root (the server refuses root)."""
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        if not programs:
            pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
        account = _account()
        folder = Path(tempfile.mkdtemp(prefix="fengsui-postgresql-"))
        if account:
            shutil.chown(folder, account)
        (folder / "password").write_text("owner", encoding="ascii")
        (folder / "password").chmod(0o644)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        try:
            yield from cls._started(programs[-1], folder, port, account)
        finally:
            shutil.rmtree(folder)

    @classmethod
    def _started(cls, programs: Path, folder: Path, port: int, account: str | None) -> Iterator[Cluster]:
        data = folder / "data"
        make = [
            programs / "initdb",
            "-U",
            "postgres",
            "-A",
            "scram-sha-256",
            f"--pwfile={folder / 'password'}",
            "-D",
            data,
        ]
        _run([*make, "-E", "UTF8", "--locale=C"], account)
        control = [programs / "pg_ctl", "-D", data, "-w"]
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        _run([*control, "-l", folder / "log", "-o", options, "start"], account)
        try:
            yield cls(port)
        finally:
            _run([*control, "-m", "immediate", "stop"], account)


def _account() -> str | None:
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in known), None)


def _run(arguments: list[object], account: str | None) -> None:
    done = subprocess.run(
        [*map(str, arguments)], user=account, cwd="/", capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode:
        pytest.skip(f"PostgreSQL does not start here: {(done.stderr or done.stdout).strip()[-200:]}")
