"""Where events are kept: one index a retention class and day of the events' own time, alike in every engine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from typing import NamedTuple

from events import Event, FieldType, now_ms, timestamp_ms
from store.event_store import RejectedEvent, Window
from store.query.ranges import whole_bounds
from store.query.tree import And, Query, Range
from store.retention import StoragePolicy

DAY_MS = 86_400_000
_LIMIT = 1 << 63
_MAX_ID_CHARS = 512


@dataclass(frozen=True, slots=True)
class IndexKey:
    """Which index: a retention class and a day of the events' own time, None for implausible times."""

    retention_class: str
    day: date | None


class Arrival(NamedTuple):
    """An event to be written, with its place in the batch."""

    position: int
    event: Event
    event_id: str
    moment_ms: int


@dataclass(frozen=True, slots=True)
class Span:
    """The times that a search can find: first and last millisecond, both included."""

    first_ms: int
    last_ms: int

    def touches(self, key: IndexKey) -> bool:
        """Whether an index can hold such an event."""
        return key.day is None or (self.first_ms < day_start(key.day) + DAY_MS and self.last_ms >= day_start(key.day))

    def covers(self, key: IndexKey) -> bool:
        """Whether every event of an index lies within."""
        if key.day is None:
            return False
        return self.first_ms <= day_start(key.day) and self.last_ms >= day_start(key.day) + DAY_MS - 1


def place(events: Sequence[Event], policy: StoragePolicy) -> tuple[dict[IndexKey, list[Arrival]], list[RejectedEvent]]:
    """The events by the index they belong to, and those that belong to none: without an id or a time."""
    placed: dict[IndexKey, list[Arrival]] = defaultdict(list)
    rejected = []
    present = now_ms()
    class_of = cache(policy.class_of)
    for position, event in enumerate(events):
        arrival = _arrival(position, event)
        if isinstance(arrival, RejectedEvent):
            rejected.append(arrival)
            continue
        retention_class = class_of(str(event.get("event.dataset", "")))
        plausible = policy.plausible.include(arrival.moment_ms, present)
        placed[_key(retention_class, arrival.moment_ms // DAY_MS if plausible else None)].append(arrival)
    return placed, rejected


def possible_days(key: IndexKey, arrivals: Sequence[Arrival]) -> set[date | None]:
    """The days under which arrivals of an index can lie already.

    The clock or the policy may have changed since an event was first written.
    """
    return {None, key.day} if key.day else {None, *(day_of(arrival.moment_ms) for arrival in arrivals)}


def span_of(query: Query, window: Window) -> Span:
    """The window, narrowed by the ranges on ``@timestamp`` that the whole query is bound to."""
    first = -_LIMIT if window.start_ms is None else window.start_ms
    last = _LIMIT - 1 if window.end_ms is None else window.end_ms - 1
    for part in _required(query):
        if isinstance(part, Range) and part.field == "@timestamp":
            lower, upper = whole_bounds(FieldType.DATE, part)
            first, last = max(first, lower), min(last, upper)
    return Span(first, last)


def day_of(moment_ms: int) -> date:
    """The day of a moment, UTC."""
    return _day(moment_ms // DAY_MS)


@lru_cache(maxsize=4_096)
def _day(number: int) -> date:
    """A day by its number since 1970."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=number)).date()


@lru_cache(maxsize=4_096)
def _key(retention_class: str, day: int | None) -> IndexKey:
    return IndexKey(retention_class, None if day is None else _day(day))


def day_start(day: date) -> int:
    """The first millisecond of a day, UTC."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000


def _required(query: Query) -> Iterator[Query]:
    if isinstance(query, And):
        for part in query.parts:
            yield from _required(part)
    else:
        yield query


def _arrival(position: int, event: Event) -> Arrival | RejectedEvent:
    event_id = event.get("event.id")
    if not isinstance(event_id, str) or not _is_id(event_id):
        detail = f"event.id must be 1 to {_MAX_ID_CHARS} lower-case ASCII characters; give the event its id"
        return RejectedEvent(position, detail)
    try:
        return Arrival(position, event, event_id, timestamp_ms(str(event.get("@timestamp"))))
    except (ValueError, TypeError, OverflowError):
        return RejectedEvent(position, "@timestamp is missing or no time; write it as 2026-01-31T08:15:30.123Z")


def _is_id(text: str) -> bool:
    return 0 < len(text) <= _MAX_ID_CHARS and text.isascii() and text == text.lower()
