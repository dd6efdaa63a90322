"""Cells as text: what a value reads as, whatever type its source gave it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal

_LONGEST = 1 << 20
_MIDNIGHT = time()
_NO_DECIMALS = ".0"
_TEXTS = frozenset({str, type(None)})


def cell_text(value: object) -> str | None:
    """A value as it would be written; None for what is null, empty, or neither text nor number nor date.

    A whole number that its source made a float (``13812345678.0``) loses its decimals; a moment at midnight is a date.
    Of a cell beyond a million characters the beginning counts.
    """
    if isinstance(value, str):
        return _tidy(value)
    if value is None or isinstance(value, bool | bytes):
        return None
    if isinstance(value, float | Decimal):
        return _number(value)
    if isinstance(value, datetime):
        return str(value.date()) if value.time() == _MIDNIGHT else value.isoformat(" ")
    if isinstance(value, date | int):
        return str(value)
    return _tidy(str(value))


def count_cells(values: Sequence[object]) -> Counter[str]:
    """The texts of cells, each with how often it occurs, in the order in which they first do."""
    if not _TEXTS.issuperset(map(type, values)):
        return Counter(text for value in values if (text := cell_text(value)) is not None)
    counts: Counter[str] = Counter()
    for value, times in Counter(values).items():
        text = cell_text(value)
        if text is not None:
            counts[text] += times
    return counts


def _number(value: float | Decimal) -> str | None:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(int(value)) if value == int(value) else str(value)


def _tidy(text: str) -> str | None:
    bare = text[:_LONGEST].strip()
    if bare.endswith(_NO_DECIMALS) and (whole := bare[: -len(_NO_DECIMALS)]).isdecimal():
        return whole
    return bare or None
