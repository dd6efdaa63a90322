"""Values and how many events of an index have each: from the terms where a field has no column."""

from __future__ import annotations

from collections import Counter
from typing import Any

import tantivy

from events import Event, FieldType, values_of
from store.embedded.pairs import DIGEST, VALUE, field_term, pair, value_of
from store.embedded.schema import EVENT, PAIRS
from store.embedded.search import Looks, View
from store.embedded.stored import stored_event
from store.query.values import keyword_form


def has_column(view: View, field: str) -> bool:
    """Whether the values of a field stand in a column of the index."""
    return view.index.types.get(field) not in (None, FieldType.KEYWORD)


def value_counts(view: View, field: str, looks: Looks) -> Counter[Any]:
    """The values of a field without a column, in lower case, with the number of matching events that have them."""
    prefix = field_term(field) + VALUE
    query = None if view.is_everything else view.query(looks)
    counts: Counter[Any] = Counter()
    for term, count in view.searcher.terms_with_prefix(PAIRS, prefix, filter_query=query):
        counts[value_of(term, prefix)] += count
    digests = field_term(field) + DIGEST
    if view.searcher.doc_freq(PAIRS, digests):
        for term, count in view.searcher.terms_with_prefix(PAIRS, digests, filter_query=query):
            if term != digests:
                counts[_value_behind(view, field, term)] += count
    return counts


def _value_behind(view: View, field: str, term: str) -> str:
    """The value of a digest, from an event that has it."""
    query = tantivy.Query.term_query(view.index.schema, PAIRS, term, index_option="basic")
    [(_score, address), *_] = view.searcher.search(query, limit=1, count=False).hits
    event: Event = stored_event(view.searcher.doc(address).get_first(EVENT) or b"{}")
    forms = (keyword_form(value) for value in values_of(event.get(field)))
    return next(form for form in forms if form is not None and pair(field, form) == term)
