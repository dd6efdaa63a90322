"""Ranges on typed fields in Elasticsearch's form."""

from __future__ import annotations

import math
from typing import Any

from events import FieldType, format_timestamp
from store.query.ranges import double_bounds, whole_bounds
from store.query.tree import Range
from store.query.values import NUMBER, address_text

_FIRST_MS, _LAST_MS = -62_135_596_800_000, 253_402_300_799_999  # the years 1 to 9999
_NOTHING: dict[str, Any] = {"match_none": {}}


def typed_range(kind: FieldType, query: Range) -> dict[str, Any]:
    """The clause of a range on a number, date or address field.

    Raises:
        QueryError: a bound doesn't fit the type.
    """
    if kind is FieldType.DOUBLE:
        return _double_range(query)
    first, last = whole_bounds(kind, query)
    if kind is FieldType.DATE:
        first, last = max(first, _FIRST_MS), min(last, _LAST_MS)
    if first > last:
        return _NOTHING
    return {"range": {query.field: {"gte": _written(kind, first), "lte": _written(kind, last)}}}


def number_bounds(query: Range) -> tuple[float | None, float | None] | None:
    """The bounds of a range over text as numbers, None when one is none."""
    if any(bound is not None and not NUMBER.fullmatch(bound) for bound in (query.lower, query.upper)):
        return None
    return double_bounds(query)


def _double_range(query: Range) -> dict[str, Any]:
    lower, upper = double_bounds(query)
    if lower == math.inf or upper == -math.inf:
        return _NOTHING
    limits: dict[str, float] = {}
    if lower is not None and lower != -math.inf:
        limits["gte" if query.include_lower else "gt"] = lower
    if upper is not None and upper != math.inf:
        limits["lte" if query.include_upper else "lt"] = upper
    return {"range": {query.field: limits}} if limits else {"exists": {"field": query.field}}


def _written(kind: FieldType, value: int) -> int | str:
    if kind is FieldType.DATE:
        return format_timestamp(value)
    return address_text(value) if kind is FieldType.IP else value
