"""Times in free text: the layouts with which programs start their lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from functools import lru_cache

from collectors.normalizers.moments import common_log_moment, month_number
from events import parse_timestamp
from events.time import moment_ms

_SEARCHED = 256
_CLOCK = (
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,:](?P<fraction>[0-9]{1,9}))?)?"
    r"(?:[ ]?(?P<half>[AaPp][Mm])(?![A-Za-z]))?"
)
_ZONE = r"(?:[ ]?(?P<zone>Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})(?![0-9A-Za-z]))?"
_MONTH = r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"

_NUMERIC = re.compile(
    rf"(?<![0-9A-Za-z._-])(?P<year>[0-9]{{4}})(?:[-/.年])(?P<month>[0-9]{{1,2}})(?:[-/.月])(?P<day>[0-9]{{1,2}})日?"
    rf"(?:T|[ ]|(?<=日)){_CLOCK}{_ZONE}"
)
_COMPACT = re.compile(
    r"(?<![0-9])(?P<year>(?:19|20)[0-9]{2})(?P<month>[01][0-9])(?P<day>[0-3][0-9])[T _-]?"
    r"(?P<hour>[0-2][0-9]):?(?P<minute>[0-5][0-9]):?(?P<second>[0-6][0-9])(?![0-9])(?:[.,:](?P<fraction>[0-9]{1,9}))?"
    rf"{_ZONE}"
)
_NAMED = re.compile(
    rf"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{{0,6}},?[ ]+)?"
    rf"(?:(?P<early_day>[0-9]{{1,2}})[ -])?{_MONTH}[ -](?:[ ]?(?P<day>[0-9]{{1,2}}),?[ ])?"
    rf"(?:(?P<year>[0-9]{{4}})[ ,:]+)?{_CLOCK}(?:[ ](?P<late_year>[0-9]{{4}}))?{_ZONE}"
)
_COMMON_LOG = re.compile(r"[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9]{2}:[0-9]{2}:[0-9]{2} [+-][0-9]{4}")
_EPOCH = re.compile(r"\[?(?P<seconds>1[0-9]{9})(?:\.(?P<fraction>[0-9]{1,9})|(?P<milliseconds>[0-9]{3}))?(?![0-9.])")


def find_time_ms(text: str, zone: tzinfo | None) -> int | None:
    """The first time near the start of a text, in milliseconds since 1970 UTC; None where there is none.

    Understood are ISO 8601 and its variants with ``/``, ``.`` and 年月日, compact digits, month names with a year,
    the Common Log Format, and seconds or milliseconds since 1970 at the very start.

    Args:
        text: the line.
        zone: zone of a time without one; None is the machine's own.
    """
    head = text[:_SEARCHED]
    try:
        return _epoch_ms(head) or _earliest_ms(head, zone)
    except (ValueError, OverflowError, KeyError):
        return None


def _epoch_ms(head: str) -> int | None:
    found = _EPOCH.match(head)
    if found is None:
        return None
    thousandths = found["milliseconds"] or (found["fraction"] or "")[:3].ljust(3, "0")
    return int(found["seconds"]) * 1000 + int(thousandths)


def _earliest_ms(head: str, zone: tzinfo | None) -> int | None:
    matches = [found for pattern in (_NUMERIC, _NAMED, _COMMON_LOG, _COMPACT) if (found := pattern.search(head))]
    for found in sorted(matches, key=re.Match[str].start):
        if found.re is _COMMON_LOG:
            return moment_ms(common_log_moment(found[0]), zone)
        parts = found.groupdict()
        if parts.get("year") or parts.get("late_year"):
            return _parts_ms(tuple(parts.items()), zone)
    return None


# Neighboring lines share their second; the fraction alone would tell many apart, so it is added outside.
def _parts_ms(parts: tuple[tuple[str, str | None], ...], zone: tzinfo | None) -> int:
    fraction = dict(parts).get("fraction") or ""
    return _second_ms(tuple(part for part in parts if part[0] != "fraction"), zone) + int(fraction[:3].ljust(3, "0"))


@lru_cache(1024)
def _second_ms(items: tuple[tuple[str, str | None], ...], zone: tzinfo | None) -> int:
    parts = {name: value for name, value in items if value}
    month = parts["month"]
    number = int(month) if month.isdecimal() else month_number(month)
    day = int(parts.get("day") or parts["early_day"])
    clock = f"{_hour(parts):02d}:{parts['minute']}:{parts.get('second', '00')}"
    date = f"{int(parts.get('year') or parts['late_year']):04d}-{number:02d}-{day:02d}"
    offset = parts.get("zone", "").replace("GMT", "Z").replace("UTC", "Z")
    return parse_timestamp(f"{date}T{clock}{offset}", zone)


def _hour(parts: Mapping[str, str]) -> int:
    """The hour of the day; behind a time of the twelve-hour clock stands AM or PM."""
    hour = int(parts["hour"])
    if "half" not in parts:
        return hour
    return hour % 12 + (12 if parts["half"].lower() == "pm" else 0)


def compact_date_ms(text: str, zone: tzinfo | None) -> int | None:
    """Milliseconds since 1970 UTC of a text that is nothing but the digits ``YYYYMMDDhhmmss``, else None."""
    found = _COMPACT.fullmatch(text)
    if found is None:
        return None
    try:
        return moment_ms(datetime.strptime(text[:14], "%Y%m%d%H%M%S"), zone)  # noqa: DTZ007 (the zone is the caller's)
    except ValueError:
        return None
