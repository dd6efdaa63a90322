"""Ranges by the type of their field."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_CEILING, Decimal
from typing import Any, TypeAlias

from events import FieldType
from store.errors import QueryError
from store.query.tree import Range
from store.query.values import NUMBER, Typed, address_number, keyword, typed_form

RangeTest: TypeAlias = Callable[[Typed], bool]

_LOWEST, _HIGHEST = -(1 << 63), (1 << 63) - 1


def whole_bounds(kind: FieldType, query: Range) -> tuple[int, int]:
    """First and last whole number inside a range on a long, date or ip field; first > last when there is none.

    Raises:
        QueryError: a bound doesn't fit the type.
    """
    first, last = (0, (1 << 128) - 1) if kind is FieldType.IP else (_LOWEST, _HIGHEST)
    if query.lower is not None:
        first = max(first, _first_inside(_whole(kind, query.field, query.lower), include=query.include_lower))
    if query.upper is not None:
        last = min(last, -_first_inside(-_whole(kind, query.field, query.upper), include=query.include_upper))
    return first, last


def double_bounds(query: Range) -> tuple[float | None, float | None]:
    """The bounds of a range on a double field.

    Raises:
        QueryError: a bound is no number.
    """
    return _double(query.field, query.lower), _double(query.field, query.upper)


def range_test(kind: FieldType | None, query: Range) -> RangeTest:
    """A test whether a value in the form of its field's type lies in a range.

    Raises:
        QueryError: the field has no order, or a bound doesn't fit its type.
    """
    if kind is FieldType.TEXT or kind is FieldType.BOOLEAN:
        raise QueryError(f"{query.field} is a {kind} field and has no order; search for values instead")
    if kind in (FieldType.LONG, FieldType.DATE, FieldType.IP):
        first, last = whole_bounds(kind, query)
        return lambda value: first <= (address_number(value) if isinstance(value, str) else int(value)) <= last
    if kind is FieldType.DOUBLE:
        return _between(query, *double_bounds(query), float)
    given = [bound for bound in (query.lower, query.upper) if bound is not None]
    if given and all(NUMBER.fullmatch(bound) for bound in given):
        return _between(query, *double_bounds(query), _number)
    lower, upper = (None if bound is None else keyword(bound) for bound in (query.lower, query.upper))
    return _between(query, lower, upper, str)


def _between(query: Range, lower: Any, upper: Any, form: Callable[[Any], Any]) -> RangeTest:  # noqa: ANN401 (ordered)
    def test(value: Typed) -> bool:
        held = form(value)
        if held is None:
            return False
        above = lower is None or (held >= lower if query.include_lower else held > lower)
        return bool(above and (upper is None or (held <= upper if query.include_upper else held < upper)))

    return test


def _number(text: str) -> float | None:
    return float(text) if NUMBER.fullmatch(text) else None


def _double(field: str, bound: str | None) -> float | None:
    if bound is None:
        return None
    if (number := _number(bound)) is None:
        raise QueryError(f"{field}: the bound '{bound[:80]}' is no number; correct it")
    return number


def _whole(kind: FieldType, field: str, bound: str) -> Decimal:
    """A bound as an exact number in the order of its type."""
    if kind is FieldType.LONG and NUMBER.fullmatch(bound):
        return Decimal(bound)
    typed = typed_form(kind, bound)
    if typed is None:
        raise QueryError(f"{field}: the bound '{bound[:80]}' is no {kind}; correct it")
    return Decimal(address_number(str(typed)) if kind is FieldType.IP else int(typed))


def _first_inside(bound: Decimal, *, include: bool) -> int:
    """The first whole number at or above a lower bound."""
    if abs(bound) > Decimal(2) ** 129:
        return (1 << 129) * (1 if bound > 0 else -1)
    whole = int(bound.to_integral_value(ROUND_CEILING))
    return whole + 1 if whole == bound and not include else whole
