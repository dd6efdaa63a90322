"""Which rows of a database's table are read, and by which statements.

Every statement is short and only reads; names are always quoted. Where a table can't be read at random places without
reading it whole, its first rows are taken.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Select, column, func, literal_column, quoted_name, select, table, tablesample, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.sql.expression import ColumnElement, FromClause
from sqlalchemy.types import Enum, String, TypeEngine

from classification.sources.contract import Column
from classification.sources.policy import Sampling, SamplingMethod, scan_policy

Rows = Sequence[Sequence[object]]
_WHOLE = 100.0
_FETCHED_AT_ONCE = 500
_ROW_ID: ColumnElement[int] = literal_column("rowid")


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """A column with its type; binary data is not fetched."""

    column: Column
    type: TypeEngine[object]
    is_fetched: bool


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A table or view."""

    schema: str | None
    name: str
    columns: Sequence[StoredColumn]

    @property
    def fetched(self) -> list[StoredColumn]:
        """The columns whose values are read."""
        return [each for each in self.columns if each.is_fetched]

    def clause(self) -> FromClause:
        """The table in a statement."""
        schema = None if self.schema is None else quoted_name(self.schema, quote=True)
        names = [quoted_name(each.column.name, quote=True) for each in self.columns]
        return table(quoted_name(self.name, quote=True), *map(column, names), schema=schema)


def sampled_rows(engine: Engine, stored: StoredTable, sampling: Sampling) -> Iterator[Rows]:
    """The rows that the sampling asks for, in portions.

    Raises:
        SQLAlchemyError: the database refuses.
    """
    if not stored.fetched:
        return
    if sampling.method is SamplingMethod.ALL:
        yield from _all(engine, stored)
    elif sampling.method is SamplingMethod.RANDOM and (rows := _random(engine, stored, sampling.rows)):
        yield rows
    else:
        yield _fetch(engine, _select(engine, stored).limit(sampling.rows))


def _select(engine: Engine, stored: StoredTable, source: FromClause | None = None) -> Select[*tuple[Any, ...]]:
    source = stored.clause() if source is None else source
    longest = scan_policy().databases.cell_characters + 1
    beginning = func.substring if engine.dialect.name == "mssql" else func.substr
    columns: list[ColumnElement[object]] = [
        beginning(source.c[each.column.name], 1, longest) if _is_unbounded(each.type) else source.c[each.column.name]
        for each in stored.fetched
    ]
    return select(*columns).select_from(source)


def _is_unbounded(kind: TypeEngine[object]) -> bool:
    return isinstance(kind, String) and not isinstance(kind, Enum) and kind.length is None


def _fetch(engine: Engine, statement: Select[*tuple[Any, ...]]) -> Rows:
    with engine.connect() as connection:
        return connection.execute(statement).fetchall()


def _random(engine: Engine, stored: StoredTable, wanted: int) -> Rows:
    """Rows from all over the table; none where the database has no cheap way to them."""
    if engine.dialect.name == "sqlite":
        return _random_row_ids(engine, stored, wanted)
    if engine.dialect.name == "postgresql":
        return _random_pages(engine, stored, wanted)
    return ()


def _random_row_ids(engine: Engine, stored: StoredTable, wanted: int) -> Rows:
    """SQLite: rows at random row ids, found by index; none for views, tables without row ids and small tables."""
    source = stored.clause()
    try:
        first, last = _fetch(engine, select(func.min(_ROW_ID), func.max(_ROW_ID)).select_from(source))[0]
    except OperationalError:
        return ()
    if not (isinstance(first, int) and isinstance(last, int)) or last - first < wanted * _oversize():
        return ()
    rows: list[Sequence[object]] = []
    dice = _dice()
    chosen = [*{dice.randrange(first, last + 1) for _ in range(wanted * _oversize())}]
    dice.shuffle(chosen)
    for some in _portions(chosen):
        rows.extend(_fetch(engine, _select(engine, stored, source).where(_ROW_ID.in_(some))))
        if len(rows) >= wanted:
            return rows[:wanted]
    return ()


def _random_pages(engine: Engine, stored: StoredTable, wanted: int) -> Rows:
    """PostgreSQL: random pages (TABLESAMPLE SYSTEM); none for views and where statistics say that it is small."""
    known = text(
        "SELECT c.reltuples FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = :schema AND c.relname = :name AND c.relkind IN ('r', 'm', 'p')"
    )
    with engine.connect() as connection:
        estimate = connection.scalar(known, {"schema": stored.schema, "name": stored.name}) or 0
    if estimate <= wanted * _oversize():
        return ()
    share = min(_WHOLE, _WHOLE * wanted * _oversize() / estimate)
    sample = tablesample(stored.clause(), func.system(share), name="sample")
    rows = _fetch(engine, _select(engine, stored, sample).limit(wanted * _oversize() * 2))
    return _dice().sample(rows, wanted) if len(rows) >= wanted else ()


def _all(engine: Engine, stored: StoredTable) -> Iterator[Rows]:
    if engine.dialect.name == "sqlite" and (yield from _all_by_row_id(engine, stored)):
        return
    portion = scan_policy().limits.batch_rows
    with engine.connect().execution_options(stream_results=True, yield_per=portion) as connection:
        yield from connection.execute(_select(engine, stored)).partitions()


def _all_by_row_id(engine: Engine, stored: StoredTable) -> Generator[Rows, None, bool]:
    """SQLite: portions in the order of row ids, so that no reading holds off a writer for long.

    Returns:
        Whether the table has row ids.
    """
    portion = scan_policy().limits.batch_rows
    statement = _select(engine, stored).add_columns(_ROW_ID).order_by(_ROW_ID).limit(portion)
    try:
        rows = _fetch(engine, statement)
    except OperationalError:
        return False
    while rows:
        last = rows[-1][-1]
        if not isinstance(last, int):
            return False
        yield [row[:-1] for row in rows]
        rows = _fetch(engine, statement.where(last < _ROW_ID))
    return True


def _dice() -> random.Random:
    """Dice that nobody can foresee; they are seeded by the system once, since to ask it for each throw takes long."""
    return random.Random(secrets.token_bytes(32))  # noqa: S311 (a sample, no secret)


def _oversize() -> int:
    return scan_policy().databases.sample_oversize


def _portions(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), _FETCHED_AT_ONCE):
        yield numbers[start : start + _FETCHED_AT_ONCE]
