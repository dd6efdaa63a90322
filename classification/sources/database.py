"""Databases: every table and view that the account can see, looked at through SQLAlchemy without changing anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, Inspector, inspect
from sqlalchemy.engine import URL
from sqlalchemy.exc import NoSuchTableError, SQLAlchemyError
from sqlalchemy.types import LargeBinary, TypeEngine

from classification.sources.addresses import open_for_reading, public_name
from classification.sources.contract import Batch, Column, Piece, Problem, Resource
from classification.sources.database_errors import explain
from classification.sources.errors import UnreadableError
from classification.sources.policy import Sampling, scan_policy
from classification.sources.sampling import StoredColumn, StoredTable, sampled_rows
from classification.sources.values import CellCutter, cut_problem, plain_value


@dataclass(frozen=True, slots=True)
class DatabaseSource:
    """A database. Its sampling is that of the policy where none is given."""

    url: URL
    sampling: Sampling | None = None

    @property
    def name(self) -> str:
        """The address without credentials."""
        return public_name(self.url)

    def resources(self) -> Iterator[Resource | Problem]:
        """Its tables and views, by schema and name.

        Raises:
            UnreadableError: it can't be reached, or refuses the account.
        """
        engine = open_for_reading(self.url)
        with _explained():
            inspector = inspect(engine)
            tables = [(schema, name) for schema in _schemas(inspector) for name in sorted(_tables(inspector, schema))]
        for schema, name in tables:
            resource = f"{self.name}#{schema}.{name}" if schema else f"{self.name}#{name}"
            address = (_database(self.url), schema, name)
            yield DatabaseTable(engine, address, resource, self.sampling or scan_policy().sampling)


@dataclass(frozen=True, slots=True)
class DatabaseTable:
    """One table or view; ``address`` is database, schema and table."""

    engine: Engine
    address: tuple[str | None, str | None, str]
    name: str
    sampling: Sampling
    comment: str = ""

    def read(self) -> Iterator[Piece]:
        """A sample of its rows, in a transaction that can only read; its columns even where it has no rows.

        Raises:
            UnreadableError: the account may not read it, it is locked, or reading takes too long.
        """
        with _explained():
            table = self._reflect()
            columns = tuple(column.column for column in table.columns)
            yield Batch(columns, [[] for _ in columns], 0)
            yield from self._rows(table)

    def _reflect(self) -> StoredTable:
        _, schema, name = self.address
        found = inspect(self.engine).get_columns(name, schema)
        columns = [
            StoredColumn(
                Column(each["name"], each.get("comment") or "", _type_name(each["type"])),
                each["type"],
                is_fetched=not isinstance(each["type"], LargeBinary),
            )
            for each in found
        ]
        return StoredTable(schema, name, columns)

    def _rows(self, table: StoredTable) -> Iterator[Piece]:
        cutter = CellCutter(scan_policy().databases.cell_characters)
        columns = tuple(each.column for each in table.fetched)
        for rows in filter(None, sampled_rows(self.engine, table, self.sampling)):
            values = [cutter.shorten([plain_value(value) for value in cells]) for cells in zip(*rows, strict=True)]
            yield Batch(columns, values, len(rows))
        if cutter.cut:
            yield cut_problem(self.name, cutter)


def sqlite_file(path: Path) -> DatabaseSource:
    """A file of SQLite as a source."""
    return DatabaseSource(URL.create("sqlite", database=str(path)))


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except NoSuchTableError as error:
        raise explain(error) from None
    except UnicodeDecodeError:
        message = "names in it are in no known encoding, or it is damaged; restore it"
        raise UnreadableError(message, "damaged") from None
    except AssertionError:
        # how SQLAlchemy's PostgreSQL dialect takes a server that names itself otherwise
        message = "it does not call itself PostgreSQL; install its own SQLAlchemy dialect and driver beside Fengsui"
        raise UnreadableError(message, "driver_missing") from None
    except SQLAlchemyError as error:
        raise explain(error) from None  # the cause's text can hold values and credentials


def _database(url: URL) -> str | None:
    """The database's name; of a file of SQLite, the file's without its suffix."""
    return Path(url.database or "").stem if url.get_backend_name() == "sqlite" else url.database


def _schemas(inspector: Inspector) -> list[str | None]:
    if inspector.dialect.name == "sqlite":
        return [None]
    system = scan_policy().databases.system_schemas
    return [name for name in sorted(inspector.get_schema_names()) if name not in system]


def _tables(inspector: Inspector, schema: str | None) -> set[str]:
    names = {*inspector.get_table_names(schema), *inspector.get_view_names(schema)}
    if inspector.dialect.name == "postgresql":
        names.update(inspector.get_materialized_view_names(schema))
    return names


def _type_name(kind: TypeEngine[object]) -> str:
    try:
        return str(kind)
    except SQLAlchemyError:
        return ""
