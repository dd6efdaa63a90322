"""What a report is made of, whatever it is written as: headings, paragraphs, tables and a table of contents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a level from 1; with an anchor, the table of contents leads to it."""

    text: str
    level: int = 1
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; an ``important`` one stands out."""

    text: str
    important: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the heads of its columns, how wide each is in parts of the whole, and its rows."""

    heads: tuple[str, ...]
    widths: tuple[int, ...]
    rows: Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Contents:
    """The table of contents, which begins a page, as does what comes after it."""

    title: str
    headings: tuple[Heading, ...]


Block: TypeAlias = Heading | Paragraph | Table | Contents


@dataclass(frozen=True, slots=True)
class Cover:
    """What stands on the first page."""

    title: str
    lines: tuple[tuple[str, str], ...]
    statement: str
