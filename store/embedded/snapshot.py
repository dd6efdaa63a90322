"""What one search or aggregation sees: every index as of its first look at it."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from itertools import groupby
from pathlib import Path

import tantivy

from events import Event
from store.cursor import Place
from store.embedded.layout import list_indexes
from store.embedded.reader import OpenIndex, OpenIndexes
from store.embedded.search import View
from store.event_store import Window
from store.placement import IndexKey, span_of
from store.query.tree import Query


class Snapshot:
    """The indexes of the store within a window."""

    def __init__(self, root: Path, indexes: OpenIndexes, window: Window) -> None:
        """Indexes that come later aren't seen; those that are dropped before the first look are left out."""
        self._keys = list_indexes(root)
        self._indexes = indexes
        self._window = window
        self._seen: dict[IndexKey, tuple[OpenIndex, tantivy.Searcher] | None] = {}
        self._last: tuple[Query, list[View]] | None = None
        self.incomplete: str | None = None

    def views(self, query: Query) -> list[View]:
        """The indexes that a query can touch, with the query translated, oldest day first."""
        if self._last is None or self._last[0] != query:
            span = span_of(query, self._window)
            looks = [look for key in self._keys if span.touches(key) and (look := self._look(key))]
            views = [View(*look, query, span) for look in looks]
            self.incomplete = next((view.incomplete for view in views if view.incomplete), self.incomplete)
            self._last = query, views
        return self._last[1]

    def count(self, query: Query) -> int:
        """How many events match."""
        return sum(view.count() for view in self.views(query))

    def events(self, query: Query, *, newest: bool, after: Place | None = None) -> Iterator[tuple[Place, Event]]:
        """The matching events in order, from behind a place; days are opened one after the other."""
        views = self.views(query)[::-1] if newest else self.views(query)
        implausible = [view.events(newest=newest, after=after) for view in views if view.index.key.day is None]
        days = self._by_day([view for view in views if view.index.key.day is not None], newest=newest, after=after)
        return merge(days, *implausible, key=lambda found: found[0], reverse=newest)

    def _by_day(self, views: list[View], *, newest: bool, after: Place | None) -> Iterator[tuple[Place, Event]]:
        for _day, same_day in groupby(views, key=lambda view: view.index.key.day):
            streams = [view.events(newest=newest, after=after) for view in same_day]
            yield from merge(*streams, key=lambda found: found[0], reverse=newest)

    def _look(self, key: IndexKey) -> tuple[OpenIndex, tantivy.Searcher] | None:
        if key not in self._seen:
            index = self._indexes.get(key)
            try:
                self._seen[key] = (index, index.searcher()) if index else None
            except FileNotFoundError:  # dropped since
                self._seen[key] = None
        return self._seen[key]
