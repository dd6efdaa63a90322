"""What one search or aggregation sees: every index as of its first look at it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import groupby
from pathlib import Path

import tantivy

from events import Event, timestamp_ms
from store.cursor import Place
from store.embedded.ids import held_events
from store.embedded.layout import list_indexes
from store.embedded.reader import OpenIndex, OpenIndexes
from store.embedded.schema import EVENT_ID, TIMESTAMP
from store.embedded.search import Looks, View
from store.embedded.spreading import asked_of_each
from store.event_store import Window
from store.placement import IndexKey, span_of
from store.query.tree import MatchAll, Query

MAX_LOOKED_AT = 200_000
"""Stored events that one search or aggregation looks at where the index alone can't decide: some seconds."""
_MAX_COUNTED = 20_000
"""The same for the number of events beside a page."""


class Snapshot:
    """The indexes of the store within a window."""

    def __init__(self, root: Path, indexes: OpenIndexes, window: Window) -> None:
        """Indexes that come later aren't seen; those that are dropped before the first look are left out."""
        self._keys = list_indexes(root)
        self._indexes = indexes
        self._window = window
        self._seen: dict[IndexKey, tuple[OpenIndex, tantivy.Searcher] | None] = {}
        self._last: tuple[Query, list[View]] | None = None
        self._translated: str | None = None
        self.looks = Looks(MAX_LOOKED_AT)

    @property
    def incomplete(self) -> str | None:
        """Why an answer would miss events; None when it doesn't."""
        if self.looks.exhausted:
            return f"more than {MAX_LOOKED_AT:,} events have to be looked at one by one; narrow the range of time"
        return self._translated

    def views(self, query: Query) -> list[View]:
        """The indexes that a query can touch, with the query translated, oldest day first."""
        if self._last is None or self._last[0] != query:
            span = span_of(query, self._window)
            looks = [look for key in self._keys if span.touches(key) and (look := self._look(key))]
            views = [View(*look, query, span) for look in looks]
            self._translated = next((view.incomplete for view in views if view.incomplete), self._translated)
            self._last = query, views
        return self._last[1]

    def count(self, query: Query) -> int:
        """How many events match."""
        return self._counted(query, self.looks)

    def total(self, query: Query) -> tuple[int, bool]:
        """How many events match, and whether that is exact; else they are at least so many."""
        looks = Looks(_MAX_COUNTED)
        return self._counted(query, looks), not looks.exhausted and self._translated is None

    def get(self, event_ids: Sequence[str]) -> dict[str, Event]:
        """The events with these ids."""
        span = span_of(MatchAll(), self._window)
        found = {}
        for index, searcher in (look for key in self._keys if span.touches(key) and (look := self._look(key))):
            for event in held_events(index, searcher, event_ids):
                if span.first_ms <= timestamp_ms(str(event[TIMESTAMP])) <= span.last_ms:
                    found[str(event[EVENT_ID])] = event
        return found

    def events(self, query: Query, *, newest: bool, after: Place | None = None) -> Iterator[tuple[Place, Event]]:
        """The matching events in order, from behind a place; days are opened one after the other."""
        views = self.views(query)[::-1] if newest else self.views(query)
        implausible = [
            view.events(self.looks, newest=newest, after=after) for view in views if view.index.key.day is None
        ]
        days = self._by_day([view for view in views if view.index.key.day is not None], newest=newest, after=after)
        return merge(days, *implausible, key=lambda found: found[0], reverse=newest)

    def _by_day(self, views: list[View], *, newest: bool, after: Place | None) -> Iterator[tuple[Place, Event]]:
        for _day, same_day in groupby(views, key=lambda view: view.index.key.day):
            streams = [view.events(self.looks, newest=newest, after=after) for view in same_day]
            yield from merge(*streams, key=lambda found: found[0], reverse=newest)

    def _counted(self, query: Query, looks: Looks) -> int:
        views = self.views(query)
        asked_of_each(View.count_certain, views)
        return sum(view.count(looks) for view in views)

    def _look(self, key: IndexKey) -> tuple[OpenIndex, tantivy.Searcher] | None:
        if key not in self._seen:
            index = self._indexes.get(key)
            try:
                self._seen[key] = (index, index.searcher()) if index else None
            except FileNotFoundError:  # dropped since
                self._seen[key] = None
        return self._seen[key]
