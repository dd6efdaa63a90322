"""Servers' processes: run as another user where root tests, and gone when the tests are, however these end."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from tests.servers.lacking import lacking

_PATIENCE_SECONDS = 300
_STOP_SECONDS = 60
_PORTS = range(20_000, 32_000)
"""Below those that outgoing connections are given: one of these might take a port before its server is up."""


class ServerError(Exception):
    """A server ended, or does not answer; what it last said is in the message."""


def start(
    command: Sequence[str | Path], log: Path, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start a server apart from the tests' own process group, so that an interrupt reaches the tests first."""
    setpriv = shutil.which("setpriv")
    if not setpriv:
        lacking("no setpriv to start servers with: apt-get install util-linux")
    account = server_account()
    become = ["--reuid", account.pw_name, "--regid", str(account.pw_gid), "--clear-groups"] if account else []
    with log.open("ab") as output:
        return subprocess.Popen(
            [setpriv, "--pdeathsig", "KILL", *become, *map(str, command)],
            cwd=log.parent,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to end, and see to it."""
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until(answers: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a server answers.

    Raises:
        ServerError: it has ended, or stays silent for five minutes.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            told = log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
            raise ServerError(f"{process.args}: " + "\n".join(["does not answer; it last said:", *told]))
        time.sleep(0.2)


@contextmanager
def server_folder(name: str) -> Iterator[Path]:
    """A folder that the servers' user can enter and write, gone in the end."""
    with ExitStack() as stack:
        folder = Path(mkdtemp(prefix=f"fengsui-{name}-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        hand_over(folder)
        yield folder


def hand_over(folder: Path) -> None:
    """Give a folder and all in it to the servers' user."""
    account = server_account()
    if account:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, account.pw_uid, account.pw_gid)


def server_account() -> pwd.struct_passwd | None:
    """Who servers run as: nobody where this is root (Elasticsearch and PostgreSQL refuse it), else the same user."""
    return pwd.getpwnam("nobody") if os.getuid() == 0 else None


def free_ports(count: int) -> list[int]:
    """Ports of the loopback address that nobody listens at."""
    found: list[int] = []
    with ExitStack() as stack:
        while len(found) < count:
            probe = stack.enter_context(socket.socket())
            with suppress(OSError):  # somebody listens there
                probe.bind(("127.0.0.1", secrets.choice(_PORTS)))
                found.append(int(probe.getsockname()[1]))
    return found
