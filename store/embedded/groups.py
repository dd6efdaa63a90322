"""What many events of a shape have in common, as one term in place of a term for each of its values.

The term is a digest of those terms; what it stands for is read from any event that has it, once, and then known in
every index.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b

import tantivy

from events import Event, values_of
from store.embedded.pairs import JOINER, is_verbatim, pair
from store.embedded.schema import EVENT, PAIRS
from store.embedded.stored import common_fields, stored_event
from store.query.values import keyword_form

GROUP = "\x10"
"""In front of the digest of a group: no field's terms begin with it."""
_DIGEST_BYTES = 12
_MOST_KNOWN = 10_000


@dataclass(frozen=True, slots=True)
class Group:
    """What the events of a group have in common: values, in lower case, by field."""

    values: Mapping[str, tuple[str, ...]]

    def term(self) -> str | None:
        """The term of the group; None where a value is no term itself."""
        if not all(is_verbatim(value) for values in self.values.values() for value in values):
            return None
        terms = [pair(name, value) for name, values in self.values.items() for value in values]
        content = JOINER.join(sorted({*terms}))
        return GROUP + blake2b(content.encode(), digest_size=_DIGEST_BYTES).hexdigest()


def group_of(event: Event, fields: Iterable[str]) -> Group:
    """What an event has in common with others that have the same in these fields."""
    forms = ((name, map(keyword_form, values_of(event[name]))) for name in fields)
    return Group({name: tuple(form for form in found if form is not None) for name, found in forms})


_EMPTY = Group({})


class KnownGroups:
    """The groups last asked for; safe between threads."""

    def __init__(self) -> None:
        """Nothing is known before it is asked for."""
        self._guard = threading.Lock()
        self._known: OrderedDict[str, Group] = OrderedDict()

    def behind(self, held: HeldGroups, term: str) -> Group:
        """The group that a term stands for; an empty one when no event has it any longer."""
        group = self._known.get(term)
        if group is None:
            group = held.read(term)
            if group is None:
                return _EMPTY
            with self._guard:
                self._known[term] = group
                while len(self._known) > _MOST_KNOWN:
                    self._known.popitem(last=False)
        return group


KNOWN_GROUPS = KnownGroups()
"""A digest stands for the same group in every store."""


class HeldGroups:
    """The groups in one index as a searcher sees it."""

    def __init__(self, schema: tantivy.Schema, searcher: tantivy.Searcher) -> None:
        """Nothing is read before it is asked for."""
        self._schema = schema
        self._searcher = searcher
        self._all: list[tuple[str, Group]] | None = None

    def all(self) -> list[tuple[str, Group]]:
        """Every group with its term."""
        if self._all is None:
            listed = self._searcher.terms_with_prefix(PAIRS, GROUP)
            self._all = [(term, KNOWN_GROUPS.behind(self, term)) for term, _count in listed]
        return self._all

    def counts(self, field: str, query: tantivy.Query | None) -> Iterator[tuple[str, int]]:
        """The values of a field in groups with the number of matching events of each group."""
        for term, count in self._searcher.terms_with_prefix(PAIRS, GROUP, filter_query=query):
            for value in {*KNOWN_GROUPS.behind(self, term).values.get(field, ())}:
                yield value, count

    def read(self, term: str) -> Group | None:
        """The group behind a term, from an event that has it."""
        query = tantivy.Query.term_query(self._schema, PAIRS, term, index_option="basic")
        for _score, address in self._searcher.search(query, limit=1, count=False).hits:
            content = str(self._searcher.doc(address).get_first(EVENT))
            return group_of(stored_event(content), common_fields(content))
        return None
