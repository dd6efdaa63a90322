"""Searching one index: its matching events in order."""

from __future__ import annotations

from collections.abc import Iterator

import orjson
import tantivy
from tantivy import Occur

from events import Event, timestamp_ms
from store.cursor import Place
from store.embedded.order import order_number
from store.embedded.reader import OpenIndex
from store.embedded.schema import EVENT, ORDER
from store.embedded.translate import Translator
from store.placement import Span
from store.query.tree import Query

_FIRST_CHUNK = 128
_LARGEST_CHUNK = 4_096
_LIMIT = 1 << 63


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
