"""When a CEF event happened: the receipt, start or end time of its extension, or its syslog header's."""

from __future__ import annotations

import re

from collectors.normalizers.contract import SourceContext
from collectors.normalizers.moments import carrier_timestamp, no_time, timestamp_of
from collectors.normalizers.syslog_time import syslog_time_ms
from collectors.record import Record
from events import format_timestamp

_KEYS = ("rt", "deviceReceiptTime", "end", "endTime", "start", "startTime")
_MONTH_FIRST = re.compile(r"[A-Z][a-z]{2} ")
_ZONE = re.compile(r" (?:UTC|GMT|Z|[A-Z]{2,5}|[+-][0-9]{2}:?[0-9]{2})$")


def cef_timestamp(extensions: dict[str, str], record: Record, context: SourceContext) -> str:
    """The event's time: milliseconds, ``MMM dd [yyyy] HH:mm:ss[.SSS] [zone]`` or ISO 8601.

    Raises:
        NormalizeError: nothing says when.
    """
    for key in _KEYS:
        stamp = extensions.get(key)
        if stamp:
            return _read(stamp, context)
    return carrier_timestamp(record, context, "CEF rt, end, start")


def _read(stamp: str, context: SourceContext) -> str:
    if not _MONTH_FIRST.match(stamp):
        return timestamp_of(stamp, context.zone, "CEF rt")
    try:
        return format_timestamp(syslog_time_ms(stamp, context.zone, context.reference()))
    except (ValueError, OverflowError):
        pass
    try:
        return format_timestamp(syslog_time_ms(_ZONE.sub("", stamp), context.zone, context.reference()))
    except (ValueError, OverflowError) as error:
        raise no_time("CEF rt") from error
