"""A real PostgreSQL server, where the machine has the programs."""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from tests.servers.lacking import lacking
from tests.servers.processes import free_ports, server_folder, start, stop, wait_until

PASSWORD = "owner"
_SERVER_OPTIONS = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "max_connections=200")


@dataclass
class PostgreSQLServer:
    """The server, and a number for each database made in it."""

    port: int
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, user: str = "postgres", password: str = PASSWORD, database: str = "postgres") -> str:
        """SQLAlchemy's address of a database."""
        return f"postgresql+psycopg://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def create_database(self, template: str = "template1") -> str:
        """Make a database that is a copy of another, and return its name."""
        name = f"fresh_{next(self.numbers)}"
        self._execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (name, template))))
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database; whoever is still connected is put out."""
        self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextmanager
    def own_database(self) -> Iterator[OwnDatabase]:
        """A database of its own for several users, until the end of the block."""
        name = self.create_database()
        try:
            yield OwnDatabase(self, name)
        finally:
            self.drop_database(name)

    @contextmanager
    def fresh_database(self, template: str = "template1") -> Iterator[str]:
        """The address of a database of its own, until the end of the block."""
        name = self.create_database(template)
        try:
            yield self.url(database=name)
        finally:
            self.drop_database(name)

    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            self._execute(sql.SQL("SELECT 1"))
        except psycopg.OperationalError:
            return False
        return True

    def _execute(self, statement: sql.Composable) -> None:
        address = f"host=127.0.0.1 port={self.port} user=postgres password={PASSWORD} dbname=postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement)


@dataclass(frozen=True)
class OwnDatabase:
    """A database and the server it is in."""

    server: PostgreSQLServer
    name: str

    def url(self, user: str = "postgres", password: str = PASSWORD) -> str:
        """SQLAlchemy's address of it for a user."""
        return self.server.url(user, password, self.name)


@contextmanager
def running_server() -> Iterator[PostgreSQLServer]:
    """A server with a folder of its own, until the end of the block."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        lacking("PostgreSQL is not installed: apt-get install postgresql")
    [port] = free_ports(1)
    with server_folder("postgresql") as folder:
        _initialize(programs[-1], folder)
        log = folder / "out.log"
        options = [part for option in (*_SERVER_OPTIONS, f"port={port}") for part in ("-c", option)]
        process = start([programs[-1].with_name("postgres"), "-D", folder / "data", *options], log)
        try:
            server = PostgreSQLServer(port)
            wait_until(server.answers, process, log)
            yield server
        finally:
            stop(process)


def _initialize(initdb: Path, folder: Path) -> None:
    (folder / "password").write_text(PASSWORD, encoding="ascii")
    (folder / "password").chmod(0o644)
    sign_in = ["-U", "postgres", "-A", "scram-sha-256", f"--pwfile={folder / 'password'}"]
    command = [initdb, *sign_in, "-D", folder / "data", "-E", "UTF8", "--locale=C", "--no-sync"]
    log = folder / "initdb.log"
    made: subprocess.Popen[bytes] = start(command, log)
    assert made.wait(60) == 0, log.read_text(encoding="utf-8")
