"""The most frequent values of chosen fields, with ways to narrow the search by each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.console.event_view import event_view
from api.console.formatting import url
from api.console.query_text import clause, excluding, including
from api.event_search import EventSearch


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value, how often it occurs, and where each choice leads."""

    text: str
    count: int
    include: str
    exclude: str
    only: str


@dataclass(frozen=True, slots=True)
class Facet:
    """A field with its most frequent values; ``largest`` is the first one's count."""

    field: str
    values: list[FacetValue]
    others: int

    @property
    def largest(self) -> int:
        """The count against which the bars are drawn."""
        return max((value.count for value in self.values), default=1)


def facet_aggregations() -> dict[str, Any]:
    """What to ask the event store."""
    view = event_view()
    return {name: {"terms": {"field": name, "size": view.facet_size}} for name in view.facets}


def facets_of(answer: Mapping[str, Any], search: EventSearch) -> list[Facet]:
    """The facets in an aggregation's answer; fields without values are left out."""
    facets = []
    for name in event_view().facets:
        found = answer.get(name, {})
        values = [_value(name, bucket, search) for bucket in found.get("buckets", [])]
        if values:
            facets.append(Facet(name, values, int(found.get("sum_other_doc_count", 0))))
    return facets


def _value(name: str, bucket: Mapping[str, Any], search: EventSearch) -> FacetValue:
    text = str(bucket.get("key_as_string", bucket["key"]))
    part = clause(name, text)
    addresses = [
        url("/search", q=query, from_=search.start, to=search.end)
        for query in (including(search.text, part), excluding(search.text, part), part)
    ]
    return FacetValue(text, int(bucket["doc_count"]), *addresses)
