"""Bar charts over time: how wide a bar is, and what the browser draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from detection.alerts import AlertFilter, HistogramBucket, histogram
from registry import UnitScope

LEVELS = ("critical", "high", "medium", "low", "informational")
_MINUTE_MS = 60_000
_WIDTHS_MS = tuple(
    minutes * _MINUTE_MS for minutes in (1, 5, 10, 30, 60, 180, 360, 720, 1440, 10080, 43200, 525600, 5256000)
)
_MOST_BARS = 72


def bar_width_ms(span_ms: int) -> int:
    """The narrowest round width with which a span needs no more bars than fit."""
    return next((width for width in _WIDTHS_MS if span_ms <= width * _MOST_BARS), _WIDTHS_MS[-1])


def alert_chart(session: Session, scope: UnitScope, criteria: AlertFilter) -> dict[str, Any]:
    """Alerts by level over time, in the widest range that they or the filter span."""
    coarse = histogram(session, scope, criteria, _WIDTHS_MS[4])
    if not coarse:
        return {"width": 0, "start": 0, "end": 0, "series": []}
    start = criteria.start_ms if criteria.start_ms is not None else coarse[0].start_ms
    end = criteria.end_ms if criteria.end_ms is not None else coarse[-1].start_ms + _WIDTHS_MS[4]
    width = bar_width_ms(end - start)
    buckets = histogram(session, scope, criteria, width)
    return {"width": width, "start": start - start % width, "end": end, "series": _by_level(buckets)}


def _by_level(buckets: Sequence[HistogramBucket]) -> list[dict[str, Any]]:
    """The levels that occur, the worst last, so that it is stacked on top."""
    return [
        {"name": level, "points": [[b.start_ms, b.levels[level]] for b in buckets if level in b.levels]}
        for level in reversed(LEVELS)
        if any(level in bucket.levels for bucket in buckets)
    ]


def event_chart(answer: Mapping[str, Any], width: int, start: int, end: int) -> dict[str, Any]:
    """Events over time, from a date histogram's answer."""
    points = [[int(bucket["key"]), bucket["doc_count"]] for bucket in answer.get("buckets", [])]
    return {"width": width, "start": start, "end": end, "series": [{"name": "events", "points": points}]}
