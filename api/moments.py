"""Moments and ranges as callers write them: ISO 8601, or relative to now as in ``now-24h``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import tzinfo
from typing import Annotated

from pydantic import PlainSerializer, WithJsonSchema

from events import format_timestamp, now_ms, parse_timestamp
from store.event_store import Window

_RELATIVE = re.compile(r"now(?:-(?P<amount>\d{1,6})(?P<unit>[smhdw]))?")
_UNIT_MS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}

Moment = Annotated[
    int,
    PlainSerializer(format_timestamp, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
"""Milliseconds inside, RFC 3339 outside."""


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A half-open range with the texts it was written as; an empty text is unbounded."""

    start: str = ""
    end: str = ""
    zone: tzinfo | None = None

    def window(self) -> Window:
        """The range in milliseconds, now being now.

        Raises:
            ValueError: a text is neither ISO 8601 nor relative, or the range ends before it starts.
        """
        start, end = (parse_moment(text, self.zone) if text else None for text in (self.start, self.end))
        if start is not None and end is not None and end < start:
            raise ValueError("The range ends before it starts")
        return Window(start, end)


def parse_moment(text: str, zone: tzinfo | None = None) -> int:
    """Milliseconds since 1970 UTC of ``now``, ``now-15m`` (s, m, h, d, w) or an ISO 8601 time.

    Raises:
        ValueError: the text is neither.
    """
    if relative := _RELATIVE.fullmatch(text.strip()):
        return now_ms() - int(relative["amount"] or 0) * _UNIT_MS[relative["unit"] or "s"]
    try:
        return parse_timestamp(text, zone)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text[:40]!r} is no time; write 2026-01-31T08:00:00Z or now-24h") from error
