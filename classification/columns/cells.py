"""Cells as text: what a value reads as, whatever type its source gave it."""

from __future__ import annotations

import math
from datetime import date, datetime, time
from decimal import Decimal

_LONGEST = 1 << 20
_MIDNIGHT = time()


def cell_text(value: object) -> str | None:
    """A value as it would be written; None for what is null, empty, or neither text nor number nor date.

    A whole number that its source made a float (``13812345678.0``) loses its decimals; a moment at midnight is a date.
    Of a cell beyond a million characters the beginning counts.
    """
    if value is None or isinstance(value, bool | bytes):
        return None
    if isinstance(value, float | Decimal):
        return _number(value)
    if isinstance(value, datetime):
        return str(value.date()) if value.time() == _MIDNIGHT else value.isoformat(" ")
    if isinstance(value, date | int):
        return str(value)
    text = value if isinstance(value, str) else str(value)
    return _tidy(text)


def _number(value: float | Decimal) -> str | None:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(int(value)) if value == int(value) else str(value)


def _tidy(text: str) -> str | None:
    bare = text[:_LONGEST].strip()
    whole, point, decimals = bare.partition(".")
    if point and decimals == "0" and whole.isdecimal():
        return whole
    return bare or None
