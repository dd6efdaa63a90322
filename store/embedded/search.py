"""Searching one index: its matching events in order, how many they are, and as a query of the engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import tantivy

from events import Event, FieldTable, timestamp_ms
from store.cursor import Place
from store.embedded.bounds import Bounds, both, either
from store.embedded.ids import any_number
from store.embedded.order import id_number, order_number
from store.embedded.reader import OpenIndex
from store.embedded.schema import EVENT_ID, ORDER, TIMESTAMP
from store.embedded.translate import Translator
from store.placement import Span
from store.query.evaluate import evaluate
from store.query.tree import MatchAll, Query

_FIRST_CHUNK = 128
_LARGEST_CHUNK = 4_096
_LIMIT = 1 << 63


@dataclass(slots=True)
class Looks:
    """How many stored events may still be looked at to decide whether they match."""

    left: int
    exhausted: bool = False

    def take(self) -> bool:
        """Whether one more may be."""
        self.exhausted = self.exhausted or self.left <= 0
        self.left -= 1
        return not self.exhausted


class View:
    """One index as it is at one moment, with a query translated for it."""

    def __init__(self, index: OpenIndex, searcher: tantivy.Searcher, query: Query, span: Span) -> None:
        """Translate the query for the index as the searcher sees it."""
        self.index = index
        self.searcher = searcher
        self._asked = query
        self._table = FieldTable(index.types)
        self._translator = Translator(index, self.searcher)
        self._bounds = self._translator.translate(query)
        self.incomplete = self._translator.incomplete
        self._found: tantivy.Query | None = None
        self._counted: int | None = None
        self.is_everything = span.covers(index.key) and isinstance(query, MatchAll)
        if not span.covers(index.key):
            within = self._translator.range(TIMESTAMP, span.first_ms, span.last_ms)
            bounds = self._bounds
            self._bounds = Bounds(both(bounds.certain, within), both(bounds.possible, within), bounds.exact)

    def query(self, looks: Looks) -> tantivy.Query:
        """The matching events as a query of the engine."""
        if self._bounds.exact:
            return self._bounds.certain
        if self._found is None:
            numbers = [id_number(str(event[EVENT_ID])) for event in self._doubtful(looks)]
            looked_up = [any_number(self.index.schema, numbers)] if numbers else []
            self._found = either([self._bounds.certain, *looked_up])
        return self._found

    def count(self, looks: Looks) -> int:
        """How many events match."""
        certain = self.count_certain()
        return certain if self._bounds.exact else certain + sum(1 for _event in self._doubtful(looks))

    def count_certain(self) -> int:
        """How many events match without a look at them."""
        if self.is_everything:
            return self.searcher.num_docs
        if self._counted is None:
            self._counted = self._count(self._bounds.certain)
        return self._counted

    def events(self, looks: Looks, *, newest: bool, after: Place | None) -> Iterator[tuple[Place, Event]]:
        """The matching events in order, from behind a place."""
        bound = None if after is None else order_number(after, self.index.digits)
        size = _FIRST_CHUNK
        while True:
            hits = self._chunk(bound, size, newest=newest)
            last = hits[-1][0] if len(hits) == size else None
            # Hits that share the last order number may go on behind the chunk: they come with the next one.
            whole = [address for number, address in hits if number != last]
            for place, event in sorted(self._load(whole, looks), key=lambda found: found[0], reverse=newest):
                if after is None or (place < after if newest else place > after):
                    yield place, event
            if last is None or looks.exhausted:
                return
            size = size * 4 if not whole else min(size * 2, _LARGEST_CHUNK)
            bound = last

    def _count(self, query: tantivy.Query) -> int:
        return int(self.searcher.search(query, limit=1, count=True).count)  # type: ignore[attr-defined]

    def _chunk(self, bound: int | None, size: int, *, newest: bool) -> list[tuple[int, tantivy.DocAddress]]:
        query = self._bounds.possible
        if bound is not None:
            limits = (-_LIMIT, bound) if newest else (bound, _LIMIT - 1)
            query = both(query, self._translator.range(ORDER, *limits))
        direction = tantivy.Order.Desc if newest else tantivy.Order.Asc
        countable = bound is None and self._bounds.exact
        found = self.searcher.search(query, limit=size, count=countable, order_by_field=ORDER, order=direction)
        if countable:
            self._counted = int(found.count)  # type: ignore[attr-defined]
        return found.hits

    def _load(self, addresses: list[tantivy.DocAddress], looks: Looks) -> list[tuple[Place, Event]]:
        found = []
        for address in addresses:
            if not self._bounds.exact and not looks.take():
                break
            event = self.index.event(self.searcher, address)
            if self._bounds.exact or evaluate(self._asked, event, self._table):
                found.append(((timestamp_ms(str(event[TIMESTAMP])), str(event[EVENT_ID])), event))
        return found

    def _doubtful(self, looks: Looks) -> Iterator[Event]:
        """The matching events among those that the index can't decide."""
        number = min(self.searcher.num_docs, max(looks.left, 0) + 1)
        hits = self.searcher.search(self._bounds.doubtful, limit=number, count=False).hits if number else []
        for _place, event in self._load([address for _score, address in hits], looks):
            yield event
