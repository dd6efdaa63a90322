"""The times of Windows events: which of an event's several times is the one it happened at, and how it is read.

In order: the event log's own SystemTime or a TimeCreated with zone; Sysmon's UtcTime, which is UTC by definition;
the local EventTime of a shipper set right by the distance of its receive times; ``@timestamp``; a time without
zone, which is in the source's configured zone, else UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from collectors.normalizers.contract import NormalizeError
from collectors.record import Reason
from events import format_timestamp, parse_timestamp

_QUARTER_HOUR = timedelta(minutes=15)
_WIDEST_ZONE = timedelta(hours=14)
_LONGEST_DELIVERY = timedelta(minutes=5)
_SECOND_LENGTH = 19
_DIGITS = 3
_OUTERMOST_YEARS = ("0001", "9999")
"""Their first and last hours are beyond all years in some zones."""


def utc_timestamp(text: str) -> str:
    """The event's own form of a time in UTC, with or without ``Z``.

    Raises:
        NormalizeError: the text is no time.
    """
    fraction = text[_SECOND_LENGTH + 1 :].removesuffix("Z")
    if text[_SECOND_LENGTH : _SECOND_LENGTH + 1] == "." and fraction.isdecimal() and fraction.isascii():
        return f"{_second(text[:_SECOND_LENGTH])}.{fraction[:_DIGITS]:0<3}Z"
    return zoned_timestamp(text, UTC)


def zoned_timestamp(text: str, zone: tzinfo) -> str:
    """The event's own form of an ISO 8601 time; one without zone is in ``zone``.

    Raises:
        NormalizeError: the text is no time.
    """
    try:
        return format_timestamp(parse_timestamp(text, zone))
    except (ValueError, OverflowError) as error:
        raise NormalizeError(Reason.NO_TIME, "the event's time is no ISO 8601 time; ship it as such") from error


def is_surely_utc(text: str) -> bool:
    """Whether ``utc_timestamp`` certainly reads a time; costs little, and may deny what it reads all the same."""
    return (
        text[_SECOND_LENGTH : _SECOND_LENGTH + 1] == "."
        and text[_SECOND_LENGTH + 1 :].removesuffix("Z").isdecimal()
        and text.isascii()
        and _is_plain_second(text[:_SECOND_LENGTH])
    )


def is_surely_zoned(text: str) -> bool:
    """Whether a time says that it is in UTC, and certainly is read by all functions here."""
    return text.endswith("Z") and is_surely_utc(text)


def is_surely_timed(text: str) -> bool:
    """Whether ``zoned_timestamp`` certainly reads a time, in whatever zone one is that names none."""
    return is_surely_utc(text) and (text.endswith("Z") or text[:4] not in _OUTERMOST_YEARS)


def has_zone(text: str) -> bool:
    """Whether a time says its zone."""
    return text.endswith("Z") or "+" in text[_SECOND_LENGTH:] or "-" in text[_SECOND_LENGTH:]


def relayed_timestamp(event_time: str, received_local: str, received_utc: str) -> str | None:
    """The UTC of a local time, from one receipt noted both in local time and in UTC; None where they don't fit.

    The difference of the two receipts, rounded to a quarter of an hour, is the shipper's zone.
    """
    offset = _offset(received_local[:16], received_utc[:16])
    return None if offset is None else _shifted(event_time, offset)


# Neighboring events share their second and their minute, so few entries spare nearly all of the parsing.
@lru_cache(4096)
def _second(text: str) -> str:
    try:
        return f"{datetime.fromisoformat(text):%Y-%m-%dT%H:%M:%S}".rjust(_SECOND_LENGTH, "0")
    except ValueError as error:
        raise NormalizeError(Reason.NO_TIME, "the event's time is no ISO 8601 time; ship it as such") from error


@lru_cache(4096)
def _is_plain_second(text: str) -> bool:
    try:
        return _second(text) == text.replace(" ", "T")
    except NormalizeError:
        return False


@lru_cache(4096)
def _offset(received_local: str, received_utc: str) -> timedelta | None:
    try:
        distance = datetime.fromisoformat(received_utc) - datetime.fromisoformat(received_local)
    except (ValueError, TypeError):
        return None
    offset = round(distance / _QUARTER_HOUR) * _QUARTER_HOUR
    honest = abs(offset) <= _WIDEST_ZONE and abs(distance - offset) <= _LONGEST_DELIVERY
    return offset if honest else None


@lru_cache(4096)
def _shifted(event_time: str, offset: timedelta) -> str | None:
    try:
        moment = datetime.fromisoformat(event_time)
        return None if moment.tzinfo else f"{(moment + offset).isoformat(timespec='milliseconds')}Z"
    except (ValueError, OverflowError):
        return None
