"""Moments as queries write them: a date as precise as its parts say, or date math from ``now``."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from events import format_timestamp, parse_timestamp, timestamp_ms

_STEP = re.compile(r"([+-])(\d{1,6})([yMwdhHms])|/([yMwdhHms])")
_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ](\d{2})(?::(\d{2})(?::(\d{2}))?)?)?)?)?Z?")
_UNITS = "yMdHms"
_FIXED = {"w": timedelta(weeks=1), "d": timedelta(days=1), "H": timedelta(hours=1), "h": timedelta(hours=1),
          "m": timedelta(minutes=1), "s": timedelta(seconds=1)}  # fmt: skip
_MONTHS_A_YEAR = 12


def span_of(text: str, now_ms: int) -> tuple[int, int]:
    """First and last millisecond that a moment means: ``2026-01`` is a whole month, ``now`` a millisecond.

    The syntax is Elasticsearch's date math anchored at ``now`` (``now-1d``, ``now-1h/d``), or ISO 8601; a time
    without zone is in UTC.

    Raises:
        ValueError: the text is no moment.
        OverflowError: it lies outside the years 1 to 9999.
    """
    if text.startswith("now"):
        return _date_math(text[3:], now_ms)
    if text.isascii() and text.lstrip("-").isdigit() and len(text) > 4:  # noqa: PLR2004 (more than a year: milliseconds)
        return int(text), int(timestamp_ms(format_timestamp(int(text))))
    if partial := _PARTIAL.fullmatch(text):
        parts = [int(part) for part in partial.groups() if part is not None]
        start = datetime(*(parts + [1, 1][len(parts) - 1 :]), tzinfo=UTC)  # type: ignore[arg-type, misc]
        return _milliseconds(start), _end_of(start, _UNITS[len(parts) - 1])
    moment = parse_timestamp(text, UTC)
    return moment, moment


def _date_math(steps: str, now_ms: int) -> tuple[int, int]:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=now_ms)
    unit, position = None, 0
    while position < len(steps):
        step = _STEP.match(steps, position)
        if step is None or unit is not None:
            raise ValueError(f"now{steps}: write date math as now-1d, now+2h or now-1d/d; units are y M w d h m s")
        sign, count, step_unit, unit = step.groups()
        if unit is None:
            moment = _moved(moment, int(count) * (1 if sign == "+" else -1), step_unit)
        position = step.end()
    if unit is None:
        return _milliseconds(moment), _milliseconds(moment)
    start = _rounded(moment, unit)
    return _milliseconds(start), _end_of(start, unit)


def _moved(moment: datetime, count: int, unit: str) -> datetime:
    if unit in _FIXED:
        return moment + count * _FIXED[unit]
    months = moment.year * _MONTHS_A_YEAR + moment.month - 1 + count * (_MONTHS_A_YEAR if unit == "y" else 1)
    year, month = divmod(months, _MONTHS_A_YEAR)
    first = moment.replace(year=year, month=month + 1, day=1)
    last_day = (_next(first, "M") - timedelta(days=1)).day
    return first.replace(day=min(moment.day, last_day))


def _rounded(moment: datetime, unit: str) -> datetime:
    if unit == "w":
        return _rounded(moment, "d") - timedelta(days=moment.weekday())
    kept = _UNITS.index("H" if unit == "h" else unit)
    lowest = {"M": 1, "d": 1, "H": 0, "m": 0, "s": 0}
    names = {"M": "month", "d": "day", "H": "hour", "m": "minute", "s": "second"}
    return moment.replace(microsecond=0, **{names[part]: lowest[part] for part in _UNITS[kept + 1 :]})  # type: ignore[arg-type]


def _next(start: datetime, unit: str) -> datetime:
    if unit in _FIXED:
        return start + _FIXED[unit]
    year, month = (start.year + 1, start.month) if unit == "y" else divmod(start.year * 12 + start.month, 12)
    return start.replace(year=year, month=month if unit == "y" else month + 1)


def _end_of(start: datetime, unit: str) -> int:
    return _milliseconds(_next(start, unit)) - 1


def _milliseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
