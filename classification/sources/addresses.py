"""Addresses of databases: recognized, opened for reading alone, and shown without credentials."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from classification.sources.errors import SourceNotFoundError, UnreadableError
from classification.sources.policy import DatabaseLimits, scan_policy

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9_+.-]*://")
_SQLITE_STEPS = 10_000
"""SQLite asks after so many steps of its machine whether to go on."""


def is_address(text: str) -> bool:
    """Whether a text is meant as the address of a database."""
    return _SCHEME.match(text) is not None


def parse_address(text: str) -> URL:
    """The address.

    Raises:
        SourceNotFoundError: it is none; the message repeats no part of it but its scheme.
    """
    scheme = text.partition("://")[0]
    try:
        url = make_url(text)
        url.get_dialect()
    except NoSuchModuleError as error:
        raise SourceNotFoundError(f"{scheme}://…: no such kind of database here; {_needed(scheme)}") from error
    except (ArgumentError, ValueError):
        message = f"{scheme}://…: no database address; see SQLAlchemy's database URLs"
        raise SourceNotFoundError(message) from None  # the cause's text can hold a password
    return url


def public_name(url: URL) -> str:
    """The address without user, password and options."""
    where = URL.create(url.get_backend_name(), host=url.host, port=url.port, database=url.database)
    return where.render_as_string(hide_password=True)


def open_for_reading(url: URL) -> Engine:
    """An engine whose connections can only read, give up slow statements and don't wait for locks.

    PostgreSQL, MySQL and MariaDB, and SQLite refuse writing themselves; of others only SELECT is asked.

    Raises:
        UnreadableError: the driver is not installed, or the SQLite file does not exist.
    """
    limits = scan_policy().databases
    backend = url.get_backend_name()
    try:
        if backend == "sqlite":
            return _sqlite(url, limits)
        engine = create_engine(url, poolclass=NullPool, connect_args=_connect_arguments(url, limits))
    except ModuleNotFoundError as error:
        message = f"the driver {error.name} is not installed; {_needed(url.drivername)}"
        raise UnreadableError(message, "driver_missing") from error
    statements = _session_statements(backend, limits)
    event.listen(engine, "connect", lambda connection, _record: _prepare(connection, statements))
    return engine


def _needed(scheme: str) -> str:
    """What to do where a kind of database can't be spoken with; ``scheme`` is the beginning of its address."""
    kind = scheme.partition("+")[0].casefold()
    drivers = scan_policy().drivers
    needed = next((driver for name, driver in drivers.items() if kind.startswith(name)), None)
    if needed is None:
        return f"install its SQLAlchemy dialect and driver beside Fengsui, or check the spelling: {', '.join(drivers)}"
    install = f"run pip install {' '.join(needed.packages)} in Fengsui's environment and " if needed.packages else ""
    return f"{install}write the address as {needed.address}"


def _connect_arguments(url: URL, limits: DatabaseLimits) -> dict[str, Any]:
    if url.get_driver_name() in {"psycopg", "psycopg2", "pymysql", "mysqldb", "asyncpg"}:
        return {"connect_timeout": limits.connect_seconds}
    return {}


def _session_statements(backend: str, limits: DatabaseLimits) -> list[str]:
    statement_ms, lock_ms = int(limits.statement_seconds * 1000), int(limits.lock_seconds * 1000)
    if backend == "postgresql":
        return [
            "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
            f"SET statement_timeout = {statement_ms}",
            f"SET lock_timeout = {lock_ms}",
            f"SET idle_in_transaction_session_timeout = {statement_ms}",
        ]
    if backend in {"mysql", "mariadb"}:
        slow = (
            f"max_statement_time = {limits.statement_seconds}"
            if backend == "mariadb"
            else f"max_execution_time = {statement_ms}"
        )
        return [
            "SET SESSION TRANSACTION READ ONLY",
            f"SET SESSION {slow}",
            f"SET SESSION lock_wait_timeout = {max(lock_ms // 1000, 1)}",
        ]
    return []


def _prepare(connection: Any, statements: list[str]) -> None:  # noqa: ANN401 (the driver's own connection)
    cursor = connection.cursor()
    for statement in statements:
        cursor.execute(statement)
    cursor.close()
    connection.commit()


def _sqlite(url: URL, limits: DatabaseLimits) -> Engine:
    path = Path(url.database or "").absolute()
    if not path.is_file():
        raise UnreadableError("there is no such file; check the path", "gone")
    unchanging = not (os.access(path.parent, os.W_OK) or path.with_name(f"{path.name}-wal").exists())
    address = f"file:{quote(str(path))}?mode=ro{'&immutable=1' if unchanging else ''}"
    deadline = _Deadline(limits.statement_seconds)

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(address, uri=True, timeout=limits.lock_seconds, check_same_thread=False)
        connection.execute("PRAGMA query_only = ON")
        connection.text_factory = _lenient_text
        connection.set_progress_handler(deadline.is_over, _SQLITE_STEPS)
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)
    event.listen(engine, "before_cursor_execute", deadline.restart)
    return engine


class _Deadline:
    """The end of a statement's time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._at = time.monotonic() + seconds

    def restart(self, *_: object) -> None:
        """A statement begins."""
        self._at = time.monotonic() + self._seconds

    def is_over(self) -> bool:
        """Whether it has had its time."""
        return time.monotonic() > self._at


def _lenient_text(raw: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")
