"""The tree that a query is read into; every engine translates it, ``evaluate`` defines what it means.

A ``field`` of None stands for the text fields of the field table (``message``, ``event.original``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class MatchAll:
    """Every event."""


@dataclass(frozen=True, slots=True)
class Term:
    """A whole value in a field of values; a word, or consecutive words, in a text field. Case is ignored."""

    field: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Wildcard:
    """A pattern over a whole value, or over one word of a text field.

    In ``pattern`` a ``*`` stands for any characters, a ``?`` for one, and a backslash makes the next one literal.
    """

    field: str | None
    pattern: str


@dataclass(frozen=True, slots=True)
class Regex:
    """A regular expression over a whole value, or over one word of a text field; the dialect all engines share."""

    field: str | None
    expression: str


@dataclass(frozen=True, slots=True)
class Range:
    """Values between two bounds, None being open; compared as the field's type, else as numbers or as text."""

    field: str
    lower: str | None = None
    upper: str | None = None
    include_lower: bool = True
    include_upper: bool = True


@dataclass(frozen=True, slots=True)
class Cidr:
    """Addresses within a network (RFC 4632, RFC 4291 §2.3)."""

    field: str
    network: str


@dataclass(frozen=True, slots=True)
class Exists:
    """Events that have the field."""

    field: str


@dataclass(frozen=True, slots=True)
class And:
    """Events that match every part."""

    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Events that match any part."""

    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Events that don't match."""

    part: Query


Query: TypeAlias = MatchAll | Term | Wildcard | Regex | Range | Cidr | Exists | And | Or | Not
