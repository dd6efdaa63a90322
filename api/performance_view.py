"""Rates and times month by month, as the console shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from api.caller import Caller
from api.dependencies import ApiDependencies
from api.incident_work import scope_of
from events import now_ms
from incidents import Performance, Period, performance

PERFORMANCE = "performance:read"
_MS = 1000
_MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Month:
    """The figures of what was opened in a month, ``name`` as in 2026-01."""

    name: str
    figures: Performance


@dataclass(frozen=True, slots=True)
class PerformanceView:
    """The figures of the whole time and of each month in it, the latest last."""

    whole: Performance
    months: list[Month]


def view_performance(dependencies: ApiDependencies, months: int, caller: Caller) -> PerformanceView:
    """The figures of the last months within the caller's units, this month counted."""
    now, scope = now_ms(), scope_of(caller, PERFORMANCE)
    starts = month_starts(now, months, dependencies.settings.time_zone)
    ends = [*(start for _, start in starts[1:]), now + 1]
    with dependencies.records.read() as session:
        shown = [
            Month(name, performance(session, scope, Period(start, end, now)))
            for (name, start), end in zip(starts, ends, strict=True)
        ]
        return PerformanceView(performance(session, scope, Period(starts[0][1], now + 1, now)), shown)


def month_starts(now: int, months: int, zone: tzinfo) -> list[tuple[str, int]]:
    """The names and beginnings (ms) of the last months, the present one last, in a zone's time."""
    today = datetime.fromtimestamp(now / _MS, UTC).astimezone(zone)
    present = today.year * _MONTHS_A_YEAR + today.month - 1
    found = []
    for number in range(present - months + 1, present + 1):
        first = datetime(number // _MONTHS_A_YEAR, number % _MONTHS_A_YEAR + 1, 1, tzinfo=zone)
        found.append((f"{first:%Y-%m}", round(first.timestamp() * _MS)))
    return found
