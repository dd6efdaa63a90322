"""Moments of the day and the ways in which logs write them."""

from __future__ import annotations

from bisect import bisect
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random

from samples.generate.story import MIDNIGHT

OFFICE_HOURS = (2, 1, 1, 1, 1, 2, 5, 15, 50, 80, 85, 70, 35, 45, 75, 80, 70, 45, 25, 18, 15, 12, 8, 4)
"""How busy each hour of an office day is."""
ROUND_THE_CLOCK = (1,) * 24
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def moments(random: Random, count: int, rhythm: tuple[int, ...] = OFFICE_HOURS) -> list[datetime]:
    """``count`` moments of the day in order, more of them in the busier hours."""
    cumulated = list(accumulate(rhythm))
    drawn: list[datetime] = []
    for _ in range(count):
        hour = bisect(cumulated, random.randrange(cumulated[-1]))
        drawn.append(MIDNIGHT + timedelta(hours=hour, milliseconds=random.randrange(3_600_000)))
    return sorted(drawn)


def every(start: datetime, end: datetime, seconds: int, random: Random, jitter: int = 0) -> list[datetime]:
    """Moments from ``start`` to ``end``, ``seconds`` apart, each late by up to ``jitter`` seconds."""
    count = int((end - start).total_seconds()) // seconds + 1
    late = [random.randrange(jitter * 1000 + 1) for _ in range(count)]
    return [start + timedelta(seconds=step * seconds, milliseconds=late[step]) for step in range(count)]


def after(moment: datetime, seconds: float) -> datetime:
    """The moment some seconds later."""
    return moment + timedelta(milliseconds=round(seconds * 1000))


def syslog_stamp(moment: datetime) -> str:
    """RFC 3164 time stamp, local time."""
    return f"{_MONTHS[moment.month - 1]} {moment.day:2d} {moment:%H:%M:%S}"


def syslog_stamp_with_year(moment: datetime) -> str:
    """The time stamp as Huawei devices write it: RFC 3164 with the year after the day."""
    return f"{_MONTHS[moment.month - 1]} {moment.day:2d} {moment.year} {moment:%H:%M:%S}"


def common_log_time(moment: datetime) -> str:
    """The time of NCSA common log format, with its zone."""
    return f"{moment.day:02d}/{_MONTHS[moment.month - 1]}/{moment.year}:{moment:%H:%M:%S %z}"


def utc_seconds(moment: datetime) -> str:
    """ISO 8601 in UTC to the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def utc_milliseconds(moment: datetime) -> str:
    """ISO 8601 in UTC to the millisecond."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def utc_microseconds(moment: datetime) -> str:
    """ISO 8601 in UTC to the microsecond."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def local_milliseconds(moment: datetime) -> str:
    """ISO 8601 in local time to the millisecond, with its zone."""
    return moment.isoformat(timespec="milliseconds")


def epoch_milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970-01-01 UTC."""
    return round(moment.timestamp() * 1000)
