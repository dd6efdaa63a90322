"""The times of syslog headers: RFC 3164 stamps with or without year, and RFC 3339 stamps.

RFC 3164 §4.1.2 leaves out year and zone; devices add both in several places. A stamp without year is placed in the
latest year that does not lie after the reference moment; as clocks and zones are off by hours, the reference is
stretched by what ``policies/collection/time.yml`` calls plausible.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from collectors.normalizers.plausibility import time_policy
from events import parse_timestamp
from events.time import moment_ms

_HOUR_MS = 3_600_000
_LEAP_CYCLE_YEARS = 9
_MICROSECOND_DIGITS = 6
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

TRADITIONAL_STAMP = r"""
    (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)
    [ ]{1,2}[0-9]{1,2}                                  # day, padded with a space or not at all
    (?:[ ](?:19|20)[0-9]{2})?                           # a year, as Huawei devices place it
    [ ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?
    (?:[ ](?:19|20)[0-9]{2}(?=[ :]))?                   # a year, as Cisco devices place it
    (?:[ ]?(?:Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})(?=[ :]))?
"""
"""Verbose pattern of a stamp that starts with the month's name."""

_PARTS = re.compile(
    r"""
    (?P<month>[A-Z][a-z]{2})[ ]{1,2}(?P<day>[0-9]{1,2})
    (?:[ ](?P<year>[0-9]{4}))?
    [ ](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?
    (?:[ ](?P<late_year>[0-9]{4}))?
    [ ]?(?P<zone>Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})?
    """,
    re.VERBOSE,
)


def syslog_time_ms(stamp: str, zone: tzinfo | None, reference_ms: int) -> int:
    """Milliseconds since 1970 UTC of a header's stamp.

    Args:
        stamp: the time as the header writes it.
        zone: zone of a stamp without one; None is the machine's own.
        reference_ms: the moment against which a stamp without year is placed.

    Raises:
        ValueError: the stamp is no time.
        OverflowError: the time lies outside the years 1 to 9999.
    """
    if stamp[:1].isdigit():
        return parse_timestamp(stamp, zone)
    return _traditional_ms(stamp, zone, reference_ms // _HOUR_MS)


# Neighboring lines share their second, so a few entries spare most of the work.
@lru_cache(maxsize=1024)
def _traditional_ms(stamp: str, zone: tzinfo | None, reference_hour: int) -> int:
    parts = _PARTS.fullmatch(stamp)
    if parts is None:
        raise ValueError("no RFC 3164 time")
    zone = _zone(parts["zone"]) or zone
    year = parts["year"] or parts["late_year"]
    if year:
        return moment_ms(_moment(parts, int(year)), zone)
    latest = (reference_hour + 1 + time_policy().latest_after_now_hours) * _HOUR_MS
    first = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=latest)).year + 1
    return next(moment for moment in _candidates(parts, zone, first) if moment <= latest)


def _candidates(parts: re.Match[str], zone: tzinfo | None, first_year: int) -> list[int]:
    """The moments a stamp without year may mean, latest first; 29 February exists in leap years only.

    Raises:
        ValueError: the stamp is a date in no year.
    """
    moments = []
    for year in range(first_year, first_year - _LEAP_CYCLE_YEARS, -1):
        try:
            moments.append(moment_ms(_moment(parts, year), zone))
        except ValueError:
            continue
    if not moments:
        raise ValueError("a date of no year")
    return moments


def _moment(parts: re.Match[str], year: int) -> datetime:
    micros = int((parts["fraction"] or "0")[:_MICROSECOND_DIGITS].ljust(_MICROSECOND_DIGITS, "0"))
    month = _MONTHS.index(parts["month"]) + 1
    clock = (int(parts["hour"]), int(parts["minute"]), int(parts["second"]))
    return datetime(year, month, int(parts["day"]), *clock, micros)  # noqa: DTZ001 (the zone is the caller's)


def _zone(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text[0] not in "+-":
        return UTC
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-offset if text[0] == "-" else offset)
