"""Searching one index: which indexes a query can touch, and its matching events in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import orjson
import tantivy
from tantivy import Occur

from events import Event, FieldType, timestamp_ms
from store.embedded.layout import IndexKey
from store.embedded.order import Place, order_number
from store.embedded.reader import OpenIndex
from store.embedded.schema import EVENT, ORDER
from store.embedded.translate import Translator
from store.event_store import Window
from store.query.ranges import whole_bounds
from store.query.tree import And, Query, Range

DAY_MS = 86_400_000
_FIRST_CHUNK = 128
_LARGEST_CHUNK = 4_096
_LIMIT = 1 << 63


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


def day_start(day: date) -> int:
    """The first millisecond of a day, UTC."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000


def span_of(query: Query, window: Window) -> Span:
    """The window, narrowed by the ranges on ``@timestamp`` that the whole query is bound to."""
    first = -_LIMIT if window.start_ms is None else window.start_ms
    last = _LIMIT - 1 if window.end_ms is None else window.end_ms - 1
    for part in _required(query):
        if isinstance(part, Range) and part.field == "@timestamp":
            lower, upper = whole_bounds(FieldType.DATE, part)
            first, last = max(first, lower), min(last, upper)
    return Span(first, last)


def _required(query: Query) -> Iterator[Query]:
    if isinstance(query, And):
        for part in query.parts:
            yield from _required(part)
    else:
        yield query


class View:
    """One index as it is at one moment, with a query translated for it."""

    def __init__(self, index: OpenIndex, searcher: tantivy.Searcher, query: Query, span: Span) -> None:
        """Translate the query for the index as the searcher sees it."""
        self.index = index
        self.searcher = searcher
        self._translator = Translator(index, self.searcher)
        self.query = self._translator.translate(query)
        self.incomplete = self._translator.incomplete
        if not span.covers(index.key):
            self.query = _both(self.query, self._translator.range("@timestamp", span.first_ms, span.last_ms))

    def count(self) -> int:
        """How many events match."""
        return _found(self.searcher.search(self.query, limit=1, count=True))

    def events(self, *, newest: bool, after: Place | None) -> Iterator[tuple[Place, Event]]:
        """The matching events in order, from behind a place."""
        bound = None if after is None else order_number(after, self.index.digits)
        size = _FIRST_CHUNK
        while True:
            hits = self._chunk(bound, size, newest=newest)
            last = hits[-1][0] if len(hits) == size else None
            # Hits that share the last order number may go on behind the chunk: they come with the next one.
            whole = [address for number, address in hits if number != last]
            for place, event in sorted(self._load(whole), key=lambda found: found[0], reverse=newest):
                if after is None or (place < after if newest else place > after):
                    yield place, event
            if last is None:
                return
            size = size * 4 if not whole else min(size * 2, _LARGEST_CHUNK)
            bound = last

    def _chunk(self, bound: int | None, size: int, *, newest: bool) -> list[tuple[int, tantivy.DocAddress]]:
        query = self.query
        if bound is not None:
            limits = (-_LIMIT, bound) if newest else (bound, _LIMIT - 1)
            query = _both(query, self._translator.range(ORDER, *limits))
        direction = tantivy.Order.Desc if newest else tantivy.Order.Asc
        return self.searcher.search(query, limit=size, count=False, order_by_field=ORDER, order=direction).hits

    def _load(self, addresses: list[tantivy.DocAddress]) -> list[tuple[Place, Event]]:
        found = []
        for address in addresses:
            event: Event = orjson.loads(self.searcher.doc(address).get_first(EVENT) or b"{}")
            found.append(((timestamp_ms(str(event["@timestamp"])), str(event["event.id"])), event))
        return found


def _both(one: tantivy.Query, other: tantivy.Query) -> tantivy.Query:
    return tantivy.Query.boolean_query([(Occur.Must, one), (Occur.Must, other)])


def _found(result: tantivy.SearchResult) -> int:
    return int(result.count)  # type: ignore[attr-defined]
