"""Values and how many events of an index have each: from the terms where a field has no column."""

from __future__ import annotations

from collections import Counter
from typing import Any

from events import FieldType
from store.embedded.long_values import LONG_VALUES
from store.embedded.pairs import DIGEST, VALUE, field_term, value_of
from store.embedded.schema import PAIRS
from store.embedded.search import Looks, View


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
            if term == digests:
                continue
            value = LONG_VALUES.behind(view.index, view.searcher, field, term)
            if value is not None:
                counts[value] += count
    return counts
