"""What a rule asks of an event: predicates on fields, joined by and, or, not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from detection.rules.pattern import Pattern

Placement: TypeAlias = Literal["equals", "contains", "startswith", "endswith"]
Comparison: TypeAlias = Literal["lt", "lte", "gt", "gte"]
TimeUnit: TypeAlias = Literal["minute", "hour", "day", "week", "month", "year"]


@dataclass(frozen=True, slots=True)
class TextTest:
    """The value's text matches the whole pattern; letter case counts only when ``cased``."""

    pattern: Pattern
    cased: bool = False


@dataclass(frozen=True, slots=True)
class RegexTest:
    """The regular expression is found somewhere in the value; ``flags`` is a subset of ``ims``."""

    expression: str
    flags: str = ""


@dataclass(frozen=True, slots=True)
class CidrTest:
    """The value is an address within the network."""

    network: str


@dataclass(frozen=True, slots=True)
class CompareTest:
    """The value is a number (or the text of one) in this relation to ``number``."""

    comparison: Comparison
    number: float


@dataclass(frozen=True, slots=True)
class TimeTest:
    """The value is a time whose part (in UTC; ISO 8601 weeks) is ``number``."""

    unit: TimeUnit
    number: int


@dataclass(frozen=True, slots=True)
class NullTest:
    """The field is missing or null."""


@dataclass(frozen=True, slots=True)
class ExistsTest:
    """The field is there, whatever its value."""


@dataclass(frozen=True, slots=True)
class ReferenceTest:
    """The value stands in this relation to the value of another field of the same event."""

    field: str
    placement: Placement = "equals"
    cased: bool = False


Test: TypeAlias = TextTest | RegexTest | CidrTest | CompareTest | TimeTest | NullTest | ExistsTest | ReferenceTest


@dataclass(frozen=True, slots=True)
class Predicate:
    """One test of one field; with ``field`` None it is a keyword, looked for in the whole record."""

    field: str | None
    test: Test


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part holds."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Expression


@dataclass(frozen=True, slots=True)
class Selection:
    """A named part of a rule's detection."""

    name: str
    part: Expression


Expression: TypeAlias = Predicate | All | Any | Not | Selection


def all_of(parts: list[Expression]) -> Expression:
    """The parts joined by and."""
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def any_of(parts: list[Expression]) -> Expression:
    """The parts joined by or."""
    return parts[0] if len(parts) == 1 else Any(tuple(parts))
