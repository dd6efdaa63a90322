"""Where columns come from: the tables, subqueries and common table expressions that a part of a statement sees."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from sqlglot import exp

from collectors.enrichment.statements.reading import STAR, TableName


class Origin(NamedTuple):
    """A column of a table."""

    table: TableName
    column: str


Origins: TypeAlias = frozenset[Origin]
NOWHERE: Origins = frozenset()
FieldsOf: TypeAlias = Callable[[TableName], "frozenset[str] | None"]
"""The columns of a table, in lower case; None where they are not known."""
PSEUDO_COLUMNS = {
    "oracle": frozenset({"rownum", "rowid", "level", "sysdate", "systimestamp", "user", "uid"}),
    "postgres": frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"}),
}
"""Reserved names that look like columns (Oracle SQL reference, "Pseudocolumns"; PostgreSQL manual, 5.6)."""
_DOUBTFUL = frozenset({"rownum", "rowid", "sysdate", "systimestamp"})
"""Names that databases compatible with several others may take for either."""
_SEQUENCE = frozenset({"nextval", "currval"})


@dataclass(slots=True)
class Outputs:
    """What a query gives: its columns with their origins, and tables all of whose columns pass through it unnamed.

    Attributes:
        positional: whether the columns' order is known, so that a union or a list of names can be laid over it.
    """

    columns: dict[str, Origins] = field(default_factory=dict)
    stars: set[TableName] = field(default_factory=set)
    positional: bool = True

    def add(self, name: str, origins: Origins) -> None:
        """A column; of several with one name any may be meant."""
        if name in self.columns or not name:
            self.positional = False
        self.columns[name] = self.columns.get(name, NOWHERE) | origins

    def all(self) -> Origins:
        """The origins of everything."""
        return frozenset().union(*self.columns.values(), (Origin(table, STAR) for table in self.stars))


class Uncertain(Exception):  # noqa: N818 (it is how a doubt travels, and no error of anybody's)
    """Something can't be told for certain; the text says what, with no value of the statement."""


@dataclass(slots=True)
class Source:
    """What one name of a FROM clause means: a table, or what a query gives, or something made of given columns."""

    table: TableName | None = None
    outputs: Outputs | None = None
    fields: frozenset[str] | None = None
    made_of: Origins = NOWHERE

    def has(self, column: str) -> bool | None:
        """Whether it has the column; None where that is not known."""
        if self.table is not None:
            return None if self.fields is None else column in self.fields
        if self.outputs is not None:
            return True if column in self.outputs.columns else (None if self.outputs.stars else False)
        return None

    def origins(self, column: str) -> Origins:
        """Where the column comes from, given that it has it."""
        if self.table is not None:
            return frozenset({Origin(self.table, column)})
        if self.outputs is None:
            return self.made_of
        if column in self.outputs.columns:
            return self.outputs.columns[column]
        if len(self.outputs.stars) == 1:
            [table] = self.outputs.stars
            return frozenset({Origin(table, column)})
        if not self.outputs.stars:
            raise Uncertain("a column that the query it is taken from does not give")
        raise Uncertain("a column of one of several tables whose columns are not known")

    def everything(self) -> Outputs:
        """What ``*`` of it gives."""
        if self.outputs is not None:
            return self.outputs
        if self.table is None:
            return Outputs({"": self.made_of}, positional=False)
        if self.fields is None:
            return Outputs(stars={self.table}, positional=False)
        table = self.table
        return Outputs({name: frozenset({Origin(table, name)}) for name in sorted(self.fields)}, positional=False)


@dataclass(slots=True)
class Frame:
    """What a query sees: the sources of its FROM clause, the common table expressions, and the query around it."""

    outer: Frame | None = None
    sources: dict[str, Source] = field(default_factory=dict)
    ctes: dict[str, Outputs] = field(default_factory=dict)
    aliases: frozenset[str] = frozenset()
    """What the query calls its own results; its ORDER BY and the like may mean them."""
    pseudo: frozenset[str] = frozenset()

    def within(self) -> Frame:
        """The frame of a query inside this one."""
        return Frame(self, pseudo=self.pseudo)

    def add(self, name: str, source: Source) -> None:
        """A source by its alias or name; two of one name can't be told apart."""
        if name in self.sources:
            raise Uncertain("two tables of one name and no alias")
        self.sources[name] = source

    def cte(self, name: str) -> Outputs | None:
        """What a common table expression of this query or one around it gives."""
        return next((frame.ctes[name] for frame in self.frames() if name in frame.ctes), None)

    def frames(self) -> Iterator[Frame]:
        """This frame and those around it, from the inside."""
        frame: Frame | None = self
        while frame is not None:
            yield frame
            frame = frame.outer

    def qualified(self, name: str, column: str) -> Origins:
        """Where ``name.column`` comes from."""
        for frame in self.frames():
            source = frame.sources.get(name)
            if source is not None:
                return source.origins(column)
        if column in _SEQUENCE:
            return NOWHERE
        raise Uncertain("a column of a table that the statement does not name")

    def unqualified(self, column: str) -> Origins:
        """Where a column without a table comes from; the innermost query that has it is meant."""
        for frame in self.frames():
            known = [source for source in frame.sources.values() if source.has(column)]
            if known:
                return frozenset().union(*(source.origins(column) for source in known))
            if column in frame.sources:
                return _row(frame.sources[column])
            if column in _DOUBTFUL and column not in self.pseudo:
                raise Uncertain("a name that is a column in some databases and none in others")
            if column in self.pseudo:
                continue
            perhaps = [source for source in frame.sources.values() if source.has(column) is None]
            if len(perhaps) == 1 and not _somewhere(frame.outer, column):
                return perhaps[0].origins(column)
            if perhaps:
                raise Uncertain("a column without a table, and several that could have it")
            if len(frame.sources) == 1 and not _somewhere(frame.outer, column):
                [only] = frame.sources.values()  # the catalog does not list it, yet it can be nowhere else
                return only.origins(column)
        if column in self.pseudo:
            return NOWHERE
        raise Uncertain("a column without a table, and none that is known to have it")


def _row(source: Source) -> Origins:
    """A source's name in place of a column means its whole row, if no column has it (PostgreSQL manual, 8.16.5)."""
    if source.fields is None and source.table is not None:
        raise Uncertain("a name that may be a column or a whole row")
    return source.everything().all()


def _somewhere(frame: Frame | None, column: str) -> bool:
    """Whether a query around may have the column."""
    return frame is not None and any(
        source.has(column) is not False for each in frame.frames() for source in each.sources.values()
    )


def table_name(table: exp.Table) -> TableName:
    """A table of the statement, in lower case.

    Raises:
        Uncertain: it stands in another database, behind a link.
    """
    if "@" in table.name:
        raise Uncertain("a table behind a link to another database")
    return TableName(table.catalog.lower(), table.db.lower(), table.name.lower())


def columns_by_table(origins: Iterable[Origin]) -> dict[TableName, frozenset[str]]:
    """Columns by their tables."""
    gathered: dict[TableName, set[str]] = {}
    for table, column in origins:
        gathered.setdefault(table, set()).add(column)
    return {table: frozenset(columns) for table, columns in gathered.items()}
