"""Events as numbered, and the alerts that they make."""

from __future__ import annotations

from typing import Any

from detection import Match
from detection.alerts import Grouping, record_matches
from events import format_timestamp
from registry import UnitScope
from store.records.database import RecordsDatabase

ALL = UnitScope.everything()

HOUR = 3_600_000
START = 1_767_225_600_000  # 2026-01-01T00:00:00Z


def numbered_event(number: int, time: int = START, **fields: str) -> dict[str, Any]:
    names = {name.replace("__", "."): value for name, value in fields.items()}
    stamp = format_timestamp(time)
    return {"@timestamp": stamp, "event.id": f"{number:032x}", "event.dataset": "linux.auth", "a": "x"} | names


def raise_alerts(records: RecordsDatabase, matches: list[Match], now: int = START) -> int:
    with records.begin() as session:
        return len(record_matches(session, Grouping().updates(matches), now))
