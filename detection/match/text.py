"""How values are spelled for matching, and the tests that read a value as something other than text."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

from detection.rules.expression import CompareTest, ReferenceTest, TimeTest
from detection.rules.pattern import Pattern
from events import Scalar, parse_timestamp

_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*")
_LONGEST_NUMBER = 64
_LONGEST_TIME = 64
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}
_RELATE: dict[str, Callable[[str, str], bool]] = {
    "equals": operator.eq,
    "contains": operator.contains,
    "startswith": str.startswith,
    "endswith": str.endswith,
}


def text_of(value: str | float) -> str:
    """A value as rules spell it: ``true``, ``4688`` (also for 4688.0), the text itself."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def folded(pattern: Pattern) -> Pattern:
    """The same pattern for texts whose letter case has been folded away."""
    return Pattern(tuple([part.casefold() if isinstance(part, str) else part for part in pattern.parts]))


def compares(test: CompareTest, text: str) -> bool:
    """Whether the text is a number in the relation asked for."""
    if len(text) > _LONGEST_NUMBER or _NUMBER.fullmatch(text) is None:
        return False
    number = int(text) if text.strip().lstrip("+-").isdigit() else float(text)
    return _COMPARE[test.comparison](number, test.number)


def at_time(test: TimeTest, text: str) -> bool:
    """Whether the text is a time whose part (UTC) is the one asked for."""
    moment = _moment(text) if len(text) <= _LONGEST_TIME else None
    if moment is None:
        return False
    part = moment.isocalendar().week if test.unit == "week" else getattr(moment, test.unit)
    return bool(part == test.number)


# One value is asked for many hours in turn.
@lru_cache(64)
def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(parse_timestamp(text, UTC) / 1000, UTC)
    except (ValueError, OverflowError):
        return None


def refers(test: ReferenceTest, value: Scalar, other: Scalar) -> bool:
    """Whether a value stands in the relation asked for to another field's value."""
    if value is None or other is None:
        return False
    left, right = text_of(value), text_of(other)
    if not test.cased:
        left, right = left.casefold(), right.casefold()
    return _RELATE[test.placement](left, right)
