"""An installation with a little of everything, for backups of it."""

from __future__ import annotations

from audit import Actor
from events import Event, format_timestamp, now_ms

PASSPHRASE = "a phrase that is kept elsewhere"
ACTOR = Actor("system", "test", "test")


def events_of(start: int, number: int) -> list[Event]:
    return [
        {
            "event.id": f"e{each:06}",
            "@timestamp": format_timestamp(now_ms() - each % 2 * 86_400_000),
            "message": "a line",
        }
        for each in range(start, start + number)
    ]
