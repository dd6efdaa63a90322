"""The records database on each engine it runs on: the same tests on SQLite and, with real servers, on PostgreSQL.

A database is copied from a template that is migrated (and filled, where a test asks for that) once a run.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import pytest

from store.records import RecordsDatabase
from store.records.migrate import upgrade
from tests.memory import memory
from tests.servers.postgresql import PostgreSQLServer

Fill = Callable[[RecordsDatabase], object]
ENGINES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.services))
"""Parameters of a fixture; ``request.getfixturevalue(f"{request.param}_records")`` is the engine."""


class RecordsEngine(Protocol):
    """An engine of the records database."""

    def database(self, fill: Fill | None = None) -> AbstractContextManager[RecordsDatabase]:
        """A database of its own with every table, empty or filled; what ``fill`` writes is written once and copied."""


class SqliteRecords:
    """Files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count()
        self._templates: dict[Fill | None, Path] = {}

    @contextmanager
    def database(self, fill: Fill | None = None) -> Iterator[RecordsDatabase]:
        path = self._new_path()
        shutil.copy(self._template(fill), path)
        with closing(RecordsDatabase(f"sqlite:///{path}")) as opened:
            yield opened
        for file in self._folder.glob(f"{path.name}*"):
            file.unlink()

    def _template(self, fill: Fill | None) -> Path:
        if fill not in self._templates:
            path = self._new_path()
            with closing(RecordsDatabase(f"sqlite:///{path}")) as made:
                upgrade(made)
                if fill:
                    fill(made)
            self._templates[fill] = path
        return self._templates[fill]

    def _new_path(self) -> Path:
        return self._folder / f"records-{next(self._numbers)}.db"


class PostgreSQLRecords:
    """Databases of a server."""

    def __init__(self, server: PostgreSQLServer) -> None:
        self._server = server
        self._templates: dict[Fill | None, str] = {}

    @contextmanager
    def database(self, fill: Fill | None = None) -> Iterator[RecordsDatabase]:
        with (
            self._server.fresh_database(self._template(fill)) as url,
            closing(RecordsDatabase(url)) as opened,
        ):
            yield opened

    def _template(self, fill: Fill | None) -> str:
        if fill not in self._templates:
            name = self._server.create_database()
            with closing(RecordsDatabase(self._server.url(database=name))) as made:
                upgrade(made)
                if fill:
                    fill(made)
            self._templates[fill] = name
        return self._templates[fill]


@pytest.fixture(scope="session")
def sqlite_records() -> Iterator[SqliteRecords]:
    with TemporaryDirectory(dir=memory()) as folder:
        yield SqliteRecords(Path(folder))


@pytest.fixture(scope="session")
def postgresql_records(postgresql_server: PostgreSQLServer) -> PostgreSQLRecords:
    return PostgreSQLRecords(postgresql_server)


@pytest.fixture(params=ENGINES)
def records_engine(request: pytest.FixtureRequest) -> RecordsEngine:
    """Each engine in turn."""
    engine: RecordsEngine = request.getfixturevalue(f"{request.param}_records")
    return engine


@pytest.fixture
def empty_records(records_engine: RecordsEngine) -> Iterator[RecordsDatabase]:
    """A records database with every table and nothing in them, on each engine in turn."""
    with records_engine.database() as opened:
        yield opened
