"""The values behind digests: each read once from an event that has it, then known by its digest in every index."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable

import tantivy

from events import values_of
from store.embedded.pairs import DIGEST, pair
from store.embedded.reader import OpenIndex
from store.embedded.schema import PAIRS
from store.query.values import keyword_form

_MOST_CHARACTERS = 8_000_000
"""Of the values that are remembered."""


class LongValues:
    """The values last asked for; safe between threads."""

    def __init__(self) -> None:
        """Nothing is known before it is asked for."""
        self._guard = threading.Lock()
        self._known: OrderedDict[str, str] = OrderedDict()
        self._characters = 0

    def unknown(self, terms: Iterable[str]) -> int:
        """How many of these terms have a value that would have to be read."""
        with self._guard:
            return sum(_digest(term) not in self._known for term in terms)

    def behind(self, index: OpenIndex, searcher: tantivy.Searcher, field: str, term: str) -> str | None:
        """The value, in lower case, whose digest is the term of a field; None when no event has it any longer."""
        digest = _digest(term)
        with self._guard:
            if digest in self._known:
                self._known.move_to_end(digest)
                return self._known[digest]
        value = _read(index, searcher, field, term)
        if value is not None:
            self._remember(digest, value)
        return value

    def _remember(self, digest: str, value: str) -> None:
        with self._guard:
            if digest in self._known:
                return
            self._known[digest] = value
            self._characters += len(value)
            while self._characters > _MOST_CHARACTERS:
                self._characters -= len(self._known.popitem(last=False)[1])


LONG_VALUES = LongValues()
"""A digest stands for the same value in every store."""


def _digest(term: str) -> str:
    return term.rpartition(DIGEST)[2]


def _read(index: OpenIndex, searcher: tantivy.Searcher, field: str, term: str) -> str | None:
    """The value of a digest, from an event that has it."""
    query = tantivy.Query.term_query(index.schema, PAIRS, term, index_option="basic")
    for _score, address in searcher.search(query, limit=1, count=False).hits:
        event = index.event(searcher, address)
        forms = (keyword_form(value) for value in values_of(event.get(field)))
        return next(form for form in forms if form is not None and pair(field, form) == term)
    return None
