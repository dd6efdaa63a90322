"""What a statement was found to read, give away and write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple, TypeAlias

STAR = "*"
"""Stands for all columns of a table whose columns are not known."""


class TableName(NamedTuple):
    """A table as a statement names it, in lower case; a part that the statement leaves out is empty."""

    catalog: str
    schema: str
    name: str

    def __str__(self) -> str:
        """The parts that there are, joined by dots."""
        return ".".join(part for part in self if part)


Columns: TypeAlias = Mapping[TableName, frozenset[str]]
"""Columns by table, in lower case; ``*`` among them means all that the table has."""


class Destination(StrEnum):
    """Where the values go that a statement reads."""

    NONE = "none"
    CLIENT = "client"
    TABLE = "table"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class StatementReading:
    """What a statement does with which tables and columns.

    Attributes:
        verb: ``select``, ``insert``, ``update``, ``delete``, ``merge``, ``create``, ``drop``, ``truncate``, ``copy`` …
            in lower case; empty where the text is no statement.
        reads: every column that the statement looks at, also in its conditions.
        outputs: the columns whose values go to the destination; a column that is only counted is not among them.
        writes: the columns that the statement sets or removes.
        destination: where the outputs go.
        unconditional: whether a whole table goes: no condition, no limit, no grouping, no join.
        unknown: why the reading is not certain, without any value of the statement; None where it is. Tables and
            columns of an uncertain reading are what could be told and are not to be relied on.
    """

    verb: str
    reads: Columns = field(default_factory=dict)
    outputs: Columns = field(default_factory=dict)
    writes: Columns = field(default_factory=dict)
    destination: Destination = Destination.NONE
    unconditional: bool = False
    unknown: str | None = None

    @property
    def tables(self) -> frozenset[TableName]:
        """Every table that is read or written."""
        return frozenset({*self.reads, *self.writes})


def unreadable(reason: str, verb: str = "") -> StatementReading:
    """A reading that says only why there is none."""
    return StatementReading(verb, unknown=reason)


def together(readings: Iterable[StatementReading]) -> StatementReading:
    """Several statements sent as one; unknown as soon as one of them is."""
    first, *others = readings
    for other in others:
        first = replace(
            first,
            reads=joined(first.reads, other.reads),
            outputs=joined(first.outputs, other.outputs),
            writes=joined(first.writes, other.writes),
            destination=max(first.destination, other.destination, key=list(Destination).index),
            unconditional=first.unconditional or other.unconditional,
            unknown=first.unknown or other.unknown,
        )
    return first


def joined(left: Columns, right: Columns) -> Columns:
    """The columns of both."""
    return {table: left.get(table, frozenset()) | right.get(table, frozenset()) for table in {**left, **right}}
