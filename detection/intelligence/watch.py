"""Compares events with the active indicators: the same live and in retrospect."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

from detection.intelligence import repository
from detection.intelligence.comparing import Comparison, Hits, Sighting, Statement
from detection.intelligence.indicator_set import IndicatorSet
from detection.intelligence.models import Indicator
from detection.intelligence.policy import IntelligencePolicy, load_intelligence_policy
from detection.intelligence.values import IndicatorType
from events import Event
from store.records import RecordsDatabase

_REMEMBERED_STATEMENTS = 50_000


class IndicatorWatch:
    """The active indicators in memory, loaded anew by ``refresh``; for any number of threads."""

    def __init__(self, records: RecordsDatabase, policy: IntelligencePolicy | None = None) -> None:
        """Load the indicators that there are."""
        self._records = records
        self._comparison = Comparison(policy or load_intelligence_policy())
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
            found = self._comparison.hits(events, current)
            current.trim()
            return list(self._sightings(events, found, current.version)) if found else []

    def _sightings(self, events: Sequence[Event], found: Hits, version: int) -> Iterator[Sighting]:
        if len(self._statements) > _REMEMBERED_STATEMENTS:
            self._statements.clear()
        with self._records.read() as session:

            def statements_of(kind: IndicatorType, value: str) -> tuple[Statement, ...]:
                key = (version, kind, value)
                known = self._statements.get(key)
                if known is None:
                    rows = repository.active_of(session, kind, [value])
                    known = self._statements[key] = tuple(_statement(row) for row in rows)
                return known

            yield from self._comparison.sightings(events, found, statements_of)


def _statement(row: Indicator) -> Statement:
    return Statement(row.source, row.confidence, row.valid_from_ms, row.valid_until_ms)


__all__ = ["IndicatorWatch", "Sighting", "Statement"]
