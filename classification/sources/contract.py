"""What every source of data gives: resources (tables, sheets, files), and from each the values of its columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table, or a field path of nested documents; ``type`` is as the source declares it."""

    name: str
    comment: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows, column by column.

    Attributes:
        columns: the columns that have values here; a later batch may bring more.
        values: the values of each column. They are not aligned between columns: what a row lacks is left out.
        rows: how many rows these are.
    """

    columns: Sequence[Column]
    values: Sequence[Sequence[object]]
    rows: int


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Some whole lines of a text without columns."""

    text: str
    lines: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read, or not as it stands; the rest went on.

    Attributes:
        resource: where.
        detail: what, and what to do next; without any value of the data.
        fault: what it is by a stable name.
    """

    resource: str
    detail: str
    fault: str


Piece = Batch | TextBlock | Problem


class Resource(Protocol):
    """A table, a sheet or a file."""

    @property
    def name(self) -> str:
        """What people find it by, without credentials; the same at every look."""

    @property
    def comment(self) -> str:
        """What the source says of it; empty where it says nothing."""

    def read(self) -> Iterator[Piece]:
        """Its content in constant memory.

        Raises:
            UnreadableError: it can't be read, or not to its end.
        """


class Source(Protocol):
    """Where resources are."""

    @property
    def name(self) -> str:
        """What people find it by, without credentials."""

    def resources(self) -> Iterator[Resource | Problem]:
        """Its resources in a stable order, and what was found that can't be one.

        Raises:
            UnreadableError: the source can't be looked into at all.
        """
