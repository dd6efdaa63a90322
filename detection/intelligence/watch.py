"""Compares events with the active indicators: the same live and in retrospect."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from detection.intelligence import repository
from detection.intelligence.indicator_set import IndicatorSet
from detection.intelligence.models import Indicator
from detection.intelligence.policy import IntelligencePolicy, load_intelligence_policy
from detection.intelligence.values import IndicatorType
from events import Event, timestamp_ms
from store.records import RecordsDatabase

_REMEMBERED_STATEMENTS = 50_000

_Hits: TypeAlias = defaultdict[tuple[int, IndicatorType, str], list[tuple[str, str]]]
"""(place of the event in its batch, type, indicator's value) to (field, value in the event)."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What one source says of a value, as far as a hit tells."""

    source: str
    confidence: int
    valid_from_ms: int | None
    valid_until_ms: int | None


@dataclass(frozen=True, slots=True)
class Sighting:
    """An indicator's value in an event: where, and what the sources say of it at the event's own time."""

    event: Event
    time_ms: int
    type: IndicatorType
    value: str
    statements: tuple[Statement, ...]
    fields: tuple[tuple[str, str], ...]
    """(field of the event, value in it)."""


class IndicatorWatch:
    """The active indicators in memory, loaded anew by ``refresh``; for any number of threads."""

    def __init__(self, records: RecordsDatabase, policy: IntelligencePolicy | None = None) -> None:
        """Load the indicators that there are."""
        self._records = records
        self._policy = policy or load_intelligence_policy()
        self._fields = [
            (kind, field) for kind, each in self._policy.types.items() for field in (*each.fields, *each.lists)
        ]
        self._early = self._policy.early
        self._set = IndicatorSet(0, ())
        self._lock = threading.Lock()
        self._statements: dict[tuple[int, IndicatorType, str], tuple[Statement, ...]] = {}
        self.refresh()

    @property
    def version(self) -> int:
        """The version of the indicators that events are compared with."""
        return self._set.version

    def __len__(self) -> int:
        """How many indicators events are compared with."""
        return len(self._set)

    def refresh(self) -> bool:
        """Load the indicators anew if they have changed; returns whether they had."""
        with self._records.read() as session:
            version = repository.present_version(session)
            if version == self._set.version:
                return False
            loaded = IndicatorSet(version, repository.active_values(session))
        self._set = loaded
        return True

    def match(self, events: Sequence[Event]) -> list[Sighting]:
        """The indicators seen in a batch of events, in the order of the events."""
        with self._lock:
            current = self._set
            found = self._hits(events, current)
            current.trim()
            return list(self._sightings(events, found, current.version)) if found else []

    def _hits(self, events: Sequence[Event], current: IndicatorSet) -> _Hits:
        columns = [(field, kind, current.known(kind)) for kind, field in self._fields if kind in current.types]
        found: _Hits = defaultdict(list)
        if not columns:
            return found
        for place, event in enumerate(events):
            for field, kind, known in columns:
                value = event.get(field)
                if value is None:
                    continue
                for text in value if isinstance(value, list) else (value,):
                    if isinstance(text, str):
                        hits = known.get(text)
                        for hit in current.find(kind, text) if hits is None else hits:
                            found[place, kind, hit].append((field, text))
        return found

    def _sightings(self, events: Sequence[Event], found: _Hits, version: int) -> Iterator[Sighting]:
        if len(self._statements) > _REMEMBERED_STATEMENTS:
            self._statements.clear()
        with self._records.read() as session:
            for (place, kind, value), fields in found.items():
                key = (version, kind, value)
                statements = self._statements.get(key)
                if statements is None:
                    rows = repository.active_of(session, kind, [value])
                    statements = self._statements[key] = tuple(_statement(row) for row in rows)
                time = timestamp_ms(str(events[place]["@timestamp"]))
                valid = tuple(each for each in statements if self._is_valid(each, time))
                if valid:
                    yield Sighting(events[place], time, kind, value, valid, tuple(dict.fromkeys(fields)))

    def _is_valid(self, statement: Statement, time: int) -> bool:
        start, end = statement.valid_from_ms, statement.valid_until_ms
        return (start is None or time >= start - self._early) and (end is None or time < end)


def _statement(row: Indicator) -> Statement:
    return Statement(row.source, row.confidence, row.valid_from_ms, row.valid_until_ms)
