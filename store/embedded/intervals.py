"""The events of an interval of a histogram."""

from __future__ import annotations

from events import format_timestamp
from store.aggregation.nodes import Histogram
from store.query.tree import Query, Range

FIRST_MS, LAST_MS = -62_135_596_800_000, 253_402_300_799_999
"""The moments that can be written: the years 1 to 9999."""


def within(node: Histogram, key: float) -> Query:
    """The events of an interval."""
    if node.is_date:
        first, last = max(int(key), FIRST_MS), min(int(key + node.interval) - 1, LAST_MS)
        return Range(node.field, format_timestamp(first), format_timestamp(last))
    return Range(node.field, repr(key), repr(key + node.interval), include_upper=False)
