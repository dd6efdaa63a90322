"""Connections and units of work."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from sqlalchemy import BigInteger, MetaData, create_engine, event
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, sessionmaker

from store.records.group_commit import GroupCommit

_LOCK_WAIT_SECONDS = 30
_CACHE_KIB = 32 << 10
"""Pages a connection keeps at most; with SQLite's own 2 MB, bulk writing reads the same index pages again and again."""

UtcMilliseconds = Annotated[int, mapped_column(BigInteger)]
"""A moment: milliseconds since 1970-01-01 UTC, as everywhere in the product."""


class Base(DeclarativeBase):
    """Root of every table of the records database; constraint names are stable across engines."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class RecordsDatabase:
    """The records database of one process."""

    def __init__(self, url: str | URL) -> None:
        """Open the database named by a SQLAlchemy URL (``sqlite:///path`` or ``postgresql+psycopg://…``)."""
        self.url = make_url(url)
        is_file = self.url.get_backend_name() == "sqlite"
        self.engine: Engine = create_engine(self.url, pool_pre_ping=not is_file)
        self._turn = threading.Lock()
        self._group: GroupCommit | None = None
        if is_file:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_immediate)
            self._group = GroupCommit(Path(self.url.database or ""))
        self._sessions = sessionmaker(self.engine.execution_options(group_commit=is_file), expire_on_commit=False)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """One unit of work: committed and on disk when the block ends, rolled back when it raises.

        SQLite has one writer at a time: the threads of a process wait for their turn here, which wakes the next one
        at once, where SQLite's own wait sleeps and looks again. The next one writes while this one's commit is put on
        disk, and those that wait for the disk are served by one flush.

        Raises:
            UnflushedError: the disk refused to keep the commit, or an earlier one.
        """
        if self._group is None:
            with self._sessions.begin() as session:
                yield session
            return
        with self._turn:
            self._group.check()
            with self._sessions.begin() as session:
                yield session
            number = self._group.committed()
        self._group.wait(number)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent view for reading; never waits for a writer, never writes."""
        with self.engine.connect().execution_options(read_only=True) as connection, Session(connection) as session:
            yield session

    def close(self) -> None:
        """Release the connections."""
        self.engine.dispose()


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 (the driver's own connection)
    """WAL for readers beside one writer; SQLAlchemy, not the driver, begins."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        f"busy_timeout={_LOCK_WAIT_SECONDS * 1000}",
        f"cache_size=-{_CACHE_KIB}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Any) -> None:  # noqa: ANN401 (a SQLAlchemy event's argument)
    """Take the write lock at the start, so that two writers wait for each other instead of failing half-way.

    An option ``read_only`` on the connection begins without it; ``group_commit`` leaves the flush to ``GroupCommit``.
    """
    options = connection.get_execution_options()
    if options.get("read_only", False):
        connection.exec_driver_sql("BEGIN")
        return
    flush = "NORMAL" if options.get("group_commit", False) else "FULL"
    connection.connection.driver_connection.execute(f"PRAGMA synchronous={flush}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
