"""What a report is made of, whatever it is written as: headings, paragraphs and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a level from 1."""

    text: str
    level: int = 1


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


Block: TypeAlias = Heading | Paragraph | Table


@dataclass(frozen=True, slots=True)
class Cover:
    """What stands on the first page."""

    title: str
    lines: tuple[tuple[str, str], ...]
    statement: str
