"""The records database in a backup: SQLite by its online backup, PostgreSQL by ``pg_dump`` of one snapshot."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.engine import URL

from audit import AuditRecord
from fengsui.backup.errors import BackupError, BackupRefusedError
from fengsui.backup.files import Copying
from store.records import RecordsDatabase

SQLITE_COPY, POSTGRESQL_COPY, WORKFLOWS = "records.sqlite3", "records.dump", "workflows.sqlite3"


@dataclass(frozen=True, slots=True)
class Counted:
    """What a copy of the records holds: the schema's revision, rows by table, and the end of the audit trail."""

    revision: str
    tables: dict[str, int]
    audit_records: int
    audit_head: str


def copy_records(records: RecordsDatabase, copying: Copying, parent: str, scratch: Path) -> Counted:
    """Copy the records as of one moment to a folder of a backup; returns what the copy holds.

    Args:
        records: where they are.
        copying: the backup.
        parent: the folder in it.
        scratch: an empty folder for a copy that is not sealed yet.

    Raises:
        BackupError: the database is damaged, or ``pg_dump`` is missing or failed.
    """
    if records.url.get_backend_name() == "postgresql":
        return _dump(records, copying, f"{parent}/{POSTGRESQL_COPY}")
    plain = scratch / SQLITE_COPY
    copy_sqlite(Path(str(records.url.database)), plain)
    with closing(RecordsDatabase(f"sqlite:///{plain.resolve()}")) as copy, copy.read() as session:
        counted = count_rows(session.connection())
    settle_sqlite(plain)
    copying.copy(plain, f"{parent}/{SQLITE_COPY}")
    return counted


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database that others write to, as of one moment (SQLite's online backup).

    Raises:
        BackupError: it can't be read, or is damaged.
    """
    try:
        with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30)) as opened:
            target.touch(mode=0o600)
            with closing(sqlite3.connect(target)) as copy:
                opened.backup(copy)
        settle_sqlite(target)
    except sqlite3.Error as error:
        raise BackupError(f"{source}: can't be copied ({type(error).__name__}); check the disk it lies on") from error


def settle_sqlite(path: Path) -> None:
    """Leave the database in its one file, once it has been found sound.

    Raises:
        BackupError: it is damaged.
    """
    with closing(sqlite3.connect(path)) as opened:
        sound = opened.execute("PRAGMA quick_check(1)").fetchone()
        opened.execute("PRAGMA journal_mode=DELETE")
    if sound != ("ok",):
        raise BackupError(f"{path.name}: the database is damaged; restore the latest whole backup")


def count_rows(connection: Connection) -> Counted:
    """What the database holds, as the connection sees it."""
    names = [name for name in sorted(inspect(connection).get_table_names()) if name != "alembic_version"]
    quote = connection.dialect.identifier_preparer.quote
    tables = {name: int(connection.scalar(text(f"SELECT count(*) FROM {quote(name)}")) or 0) for name in names}  # noqa: S608 (names from the database)
    last = select(AuditRecord.sequence, AuditRecord.digest).order_by(AuditRecord.sequence.desc()).limit(1)
    row = connection.execute(last).first()
    revision = str(connection.scalar(text("SELECT version_num FROM alembic_version")))
    return Counted(revision, tables, row.sequence if row else 0, row.digest if row else "")


def restore_dump(url: URL, dump: Iterable[bytes]) -> None:
    """Put a dump in the place of what a PostgreSQL database holds, in one transaction.

    Raises:
        BackupRefusedError: ``pg_restore`` is missing or failed; the database is as it was.
    """
    options = ["--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
    command = [_program("pg_restore"), *options, f"--dbname={_address(url)}"]
    with tempfile.TemporaryFile() as told:
        with subprocess.Popen(command, env=_environment(url), stdin=subprocess.PIPE, stderr=told) as restoring:  # noqa: S603 (as found)
            try:
                _feed(restoring.stdin, dump)
            except BaseException:
                restoring.kill()  # the transaction is not committed
                raise
        if restoring.returncode:
            raise BackupRefusedError(f"pg_restore: {_last_line(told)}; the database is as it was")


def _feed(pipe: IO[bytes] | None, chunks: Iterable[bytes]) -> None:
    """Give a program its input; one that ends before it has read all tells why by its status."""
    if pipe is None:
        raise TypeError("the program was started without a pipe to it")
    with suppress(BrokenPipeError), pipe:
        pipe.writelines(chunks)


def _dump(records: RecordsDatabase, copying: Copying, path: str) -> Counted:
    """The dump and the counts are of the same snapshot, which the transaction keeps for as long."""
    program = _program("pg_dump")
    engine = records.engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.connect().execution_options(read_only=True) as connection, connection.begin():
        snapshot = str(connection.scalar(text("SELECT pg_export_snapshot()")))
        counted = count_rows(connection)
        options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
        command = [program, *options, f"--dbname={_address(records.url)}"]
        _seal_output(command, _environment(records.url), copying, path)
    return counted


def _seal_output(command: list[str], environment: Mapping[str, str], copying: Copying, path: str) -> None:
    """Keep what a program says, sealed as it comes."""
    with tempfile.TemporaryFile() as told:
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=told) as dumping:  # noqa: S603 (as found)
            if dumping.stdout is None:
                raise TypeError("the program was started without a pipe from it")
            copying.take(dumping.stdout, path)
        if dumping.returncode:
            raise BackupError(f"pg_dump: {_last_line(told)}; it must not be older than the server")


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise BackupError(
            f"{name} is missing; install PostgreSQL's client programs (apt-get install postgresql-client)"
        )
    return found


def _address(url: URL) -> str:
    """The address for PostgreSQL's own programs, without the password."""
    return url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)


def _environment(url: URL) -> Mapping[str, str]:
    password = {"PGPASSWORD": str(url.password)} if url.password is not None else {}
    return {**os.environ, **password}


def _last_line(told: IO[bytes]) -> str:
    told.seek(0)
    return next(reversed(told.read().decode(errors="replace").strip().splitlines()), "failed")
