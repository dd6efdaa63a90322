"""Searches the event store for indicators that have come in since, in turns that let other work go first."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from detection.alerts import AlertUpdate
from detection.intelligence import repository
from detection.intelligence.alerting import SightingAlerts
from detection.intelligence.errors import IntelligenceError
from detection.intelligence.models import Indicator
from detection.intelligence.policy import IntelligencePolicy, load_intelligence_policy
from detection.intelligence.search_query import search_query
from detection.intelligence.values import IndicatorType
from detection.intelligence.watch import IndicatorWatch
from events import now_ms
from store import EventStore, Query, Window
from store.records import RecordsDatabase

RecordUpdates = Callable[[Session, Sequence[AlertUpdate]], None]


@dataclass(frozen=True, slots=True)
class _Search:
    """The search for some indicators of one type; ``cursor`` is where it goes on."""

    indicators: list[Indicator]
    query: Query
    window: Window
    cursor: str | None = None


class Retrospect:
    """Finds in the store what the watch finds live, as the same alerts.

    What is still to be searched for stands in the database: a process that ends half-way begins the last few
    indicators again, and finds no alert twice. Indicators are searched for once the watch compares new events with
    them, so that no event falls between the two.
    """

    def __init__(
        self,
        records: RecordsDatabase,
        store: EventStore,
        watch: IndicatorWatch,
        record_updates: RecordUpdates,
        policy: IntelligencePolicy | None = None,
    ) -> None:
        """Search ``store``; ``watch`` decides what is a hit, ``record_updates`` writes it within a transaction."""
        self._records = records
        self._store = store
        self._watch = watch
        self._record_updates = record_updates
        self._policy = policy or load_intelligence_policy()
        self._alerts = SightingAlerts(policy=self._policy)
        self._search: _Search | None = None

    def turn(self) -> bool:
        """Search for as long as one turn lasts; returns whether there is more to do.

        Raises:
            IntelligenceError: the store answered in part; the next turn begins the same indicators again.
        """
        deadline = time.monotonic() + self._policy.search.turn / 1000
        while self._step():
            if time.monotonic() > deadline:
                return True
        return False

    def _step(self) -> bool:
        """Search one page further; returns whether there was anything to search for."""
        search, self._search = self._search or self._next(), None
        if search is None:
            return False
        page = self._store.search(
            search.query, search.window, limit=self._policy.search.events, order="oldest", cursor=search.cursor
        )
        if page.incomplete:
            raise IntelligenceError(f"search in retrospect: {page.incomplete}; it is tried again")
        updates = self._alerts.updates(self._watch.match(page.events))
        with self._records.begin() as session:
            self._record_updates(session, updates)
            if page.next_cursor is None:
                repository.mark_searched(session, search.indicators, now_ms())
        if page.next_cursor is not None:
            self._search = _Search(search.indicators, search.query, search.window, page.next_cursor)
        return True

    def _next(self) -> _Search | None:
        with self._records.read() as session:
            due = repository.due_for_search(session, self._watch.version, self._policy.search.indicators)
        if not due:
            return None
        values = [each.value for each in due]
        query = search_query(IndicatorType(due[0].type), values, self._policy)
        return _Search(due, query, Window(now_ms() - self._policy.look_back))
