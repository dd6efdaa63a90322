"""When a record happened: the notations that logs write times in, each giving the event's own form."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo

from collectors.normalizers.contract import NormalizeError, SourceContext
from collectors.normalizers.syslog_header import split_header
from collectors.record import Reason, Record
from events import format_timestamp, parse_timestamp
from events.time import moment_ms

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), start=1
    )
}
_EPOCH_TEXT = re.compile(r"-?[0-9]{1,19}(?:\.[0-9]{1,12})?")
_MILLISECONDS_FROM = 100_000_000_000  # as seconds this would be the year 5138
_MICROSECONDS_FROM = 100_000_000_000_000
_NANOSECONDS_FROM = 100_000_000_000_000_000


def timestamp_of(value: object, zone: tzinfo | None, where: str) -> str:
    """The event's own form of a time written as ISO 8601 or as a number since 1970 (s, ms, µs or ns by its size).

    Args:
        value: what the record says.
        zone: zone of a time written without one.
        where: the record's field, for the error.

    Raises:
        NormalizeError: the value is no such time.
    """
    try:
        if isinstance(value, str) and not _EPOCH_TEXT.fullmatch(value):
            return format_timestamp(parse_timestamp(value, zone))
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return format_timestamp(_epoch_ms(float(value)))
    except (ValueError, OverflowError) as error:
        raise no_time(where) from error
    raise no_time(where)


def timestamp_at(moment: datetime, zone: tzinfo | None, where: str) -> str:
    """The event's own form of a datetime; a naive one is in ``zone``.

    Raises:
        NormalizeError: the time lies outside the years 1 to 9999.
    """
    try:
        return format_timestamp(moment_ms(moment, zone))
    except (ValueError, OverflowError) as error:
        raise no_time(where) from error


def carrier_timestamp(record: Record, context: SourceContext, where: str) -> str:
    """The time of the syslog header that carried the record, for records that have none of their own.

    Raises:
        NormalizeError: there is no header, or its stamp is no time.
    """
    header, _ = split_header(record.text or "")
    try:
        moment = header.time_ms(context.zone, context.reference()) if header else None
    except (ValueError, OverflowError) as error:
        raise no_time(where) from error
    if moment is None:
        raise no_time(where)
    return format_timestamp(moment)


def no_time(where: str) -> NormalizeError:
    """The error of a record that does not say when it happened."""
    return NormalizeError(Reason.NO_TIME, f"{where}: no time that can be read; send ISO 8601 or seconds since 1970")


def month_number(name: str) -> int:
    """The number of a month by its English abbreviation.

    Raises:
        KeyError: no month is called that.
    """
    return _MONTHS[name]


def common_log_moment(stamp: str) -> datetime:
    """The moment of ``10/Oct/2000:13:55:36 -0700`` (Common Log Format).

    Raises:
        ValueError, KeyError, IndexError: the text is no such time.
    """
    day, clock = stamp[:11].split("/"), stamp[12:20].split(":")
    offset = stamp[21:]
    minutes = int(offset[1:3]) * 60 + int(offset[3:5])
    zone = timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))
    return datetime(int(day[2]), _MONTHS[day[1]], int(day[0]), int(clock[0]), int(clock[1]), int(clock[2]), tzinfo=zone)


def _epoch_ms(since_1970: float) -> int:
    size = abs(since_1970)
    if size < _MILLISECONDS_FROM:
        return round(since_1970 * 1000)
    if size < _MICROSECONDS_FROM:
        return int(since_1970)
    return int(since_1970 // 1000) if size < _NANOSECONDS_FROM else int(since_1970 // 1_000_000)
