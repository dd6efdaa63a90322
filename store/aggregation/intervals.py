"""Histograms: numbers by interval, dates by fixed or calendar interval in a zone of constant offset."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from events import FieldType, field_table
from store.aggregation.nodes import Histogram, Inner
from store.aggregation.options import Options
from store.errors import QueryError
from store.query.moments import span_of

_UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_CALENDAR = {"minute": 60_000, "1m": 60_000, "hour": 3_600_000, "1h": 3_600_000, "day": 86_400_000, "1d": 86_400_000,
             "week": 604_800_000, "1w": 604_800_000}  # fmt: skip
_FIRST_MONDAY_MS = 4 * 86_400_000
_DURATION = re.compile(r"([+-]?)(\d{1,9})(ms|s|m|h|d)")
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})")
_YEAR = 365


def read_histogram(options: Options, inner: Inner) -> Histogram:
    """A histogram of a number field."""
    field = options.field()
    if field_table().type_of(field) not in (FieldType.LONG, FieldType.DOUBLE):
        raise QueryError(f"{options.place}.field: {field} is no number in events/fields.yml; use terms")
    interval, offset = options.number("interval"), options.number("offset", 0)
    if not interval or interval <= 0:
        raise QueryError(f"{options.place}.interval: a number above 0")
    node = Histogram(field, interval, offset or 0, options.take("min_doc_count", int, 0), _bounds(options), inner=inner)
    options.done()
    return node


def read_date_histogram(options: Options, inner: Inner) -> Histogram:
    """A histogram of a date field."""
    field = options.field()
    if field_table().type_of(field) is not FieldType.DATE:
        raise QueryError(f"{options.place}.field: {field} is no date in events/fields.yml; use histogram or terms")
    interval, shift = _interval(options)
    offset = duration_ms(options.take("offset", str, "0ms"), f"{options.place}.offset")
    zone = zone_offset_ms(options.take("time_zone", str, "UTC"), f"{options.place}.time_zone")
    bounds = _bounds(options)
    options.take("format", str, "")  # keys are written as events write their time
    minimum = options.take("min_doc_count", int, 0)
    options.done()
    return Histogram(field, interval, shift + offset - zone, minimum, bounds, is_date=True, inner=inner)


def duration_ms(text: str, place: str) -> int:
    """A duration like 30s, 5m, 1h or 1d in milliseconds."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise QueryError(f"{place}: write a duration as 30s, 5m, 1h or 1d")
    sign, count, unit = match.groups()
    return int(count) * _UNITS[unit] * (-1 if sign == "-" else 1)


def zone_offset_ms(name: str, place: str) -> int:
    """How far a zone is east of UTC; zones that change their offset in the year are refused."""
    if match := _OFFSET.fullmatch(name):
        sign, hours, minutes = match.groups()
        return (int(hours) * 60 + int(minutes)) * 60_000 * (1 if sign == "+" else -1)
    try:
        zone = ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise QueryError(f"{place}: no zone; write it as +08:00 or Asia/Shanghai") from error
    now = datetime.now(UTC)
    offsets = {(now + timedelta(days=day)).astimezone(zone).utcoffset() for day in range(0, _YEAR, 30)}
    if len(offsets) != 1:
        raise QueryError(f"{place}: {name} has daylight-saving time; give a fixed offset such as +02:00")
    return (offsets.pop() or timedelta()) // timedelta(milliseconds=1)


def _interval(options: Options) -> tuple[int, int]:
    """The interval in milliseconds, and where the first one starts."""
    fixed, calendar = options.take("fixed_interval", str, ""), options.take("calendar_interval", str, "")
    if bool(fixed) == bool(calendar):
        raise QueryError(f"{options.place}: give either fixed_interval or calendar_interval")
    if calendar and calendar not in _CALENDAR:
        raise QueryError(f"{options.place}.calendar_interval: minute, hour, day or week")
    interval = _CALENDAR[calendar] if calendar else duration_ms(fixed, f"{options.place}.fixed_interval")
    if interval <= 0:
        raise QueryError(f"{options.place}.fixed_interval: above 0")
    return interval, _FIRST_MONDAY_MS if calendar in ("week", "1w") else 0


def _bounds(options: Options) -> tuple[float, float] | None:
    """The values that buckets reach at least from and to."""
    bounds = options.take("extended_bounds", dict, None)
    if bounds is None:
        return None
    try:
        return _moment(bounds["min"]), _moment(bounds["max"])
    except (KeyError, ValueError, OverflowError, TypeError) as error:
        raise QueryError(f"{options.place}.extended_bounds: give min and max, as numbers or dates") from error


def _moment(bound: float | str) -> float:
    return span_of(bound, 0)[0] if isinstance(bound, str) else bound + 0
