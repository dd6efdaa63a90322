"""A real MariaDB server, where the machine has the programs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pymysql

from tests.servers.lacking import lacking
from tests.servers.processes import free_ports, hand_over, server_folder, start, stop, wait_until

OWNER, READER = ("owner", "owner-word"), ("reader", "pass-word")
_USERS = f"""CREATE USER '{OWNER[0]}'@'%' IDENTIFIED BY '{OWNER[1]}';
GRANT ALL ON *.* TO '{OWNER[0]}'@'%' WITH GRANT OPTION;
CREATE USER '{READER[0]}'@'%' IDENTIFIED BY '{READER[1]}';
CREATE DATABASE city CHARACTER SET utf8mb4;
"""


@dataclass(frozen=True)
class MariaDBServer:
    """The server: a database ``city``, a user who may do everything and one who may do nothing yet."""

    port: int

    def url(self, user: tuple[str, str]) -> str:
        """SQLAlchemy's address of the database for a user."""
        return f"mariadb+pymysql://{user[0]}:{user[1]}@127.0.0.1:{self.port}/city?charset=utf8mb4"

    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            pymysql.connect(host="127.0.0.1", port=self.port, user=OWNER[0], password=OWNER[1]).close()
        except pymysql.err.OperationalError:
            return False
        return True


@contextmanager
def running_server() -> Iterator[MariaDBServer]:
    """A server with a folder of its own, until the end of the block."""
    server, install = (shutil.which(each, path="/usr/sbin:/usr/bin") for each in ("mariadbd", "mariadb-install-db"))
    if server is None or install is None:
        lacking("MariaDB is not installed: apt-get install mariadb-server-core mariadb-client-core")
    [port] = free_ports(1)
    with server_folder("mariadb") as folder:
        data, log = folder / "data", folder / "out.log"
        (folder / "users.sql").write_text(_USERS, encoding="ascii")
        hand_over(folder)
        made = start([install, "--no-defaults", f"--datadir={data}", "--skip-test-db"], log)
        assert made.wait(120) == 0, log.read_text(encoding="utf-8")
        process = start([server, "--no-defaults", *_options(folder, port)], log)
        try:
            found = MariaDBServer(port)
            wait_until(found.answers, process, log)
            yield found
        finally:
            stop(process)


def _options(folder: Path, port: int) -> list[str]:
    return [
        f"--datadir={folder / 'data'}",
        f"--socket={folder / 'socket'}",
        f"--pid-file={folder / 'pid'}",
        f"--init-file={folder / 'users.sql'}",
        f"--port={port}",
        "--bind-address=127.0.0.1",
        "--skip-name-resolve",
        "--innodb-flush-log-at-trx-commit=0",
        "--innodb-buffer-pool-size=64M",
        "--general-log",
        "--log-output=TABLE",
    ]
