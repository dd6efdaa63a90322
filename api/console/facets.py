"""The most frequent values of chosen fields, with ways to narrow the search by each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

from api.console.formatting import url
from api.console.query_text import clause, excluding, including
from api.event_search import EventSearch
from policies import load_policy


class FacetPolicy(BaseModel):
    """Which fields, and how many values of each."""

    size: int = Field(gt=0, le=50)
    fields: tuple[str, ...]


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


@cache
def facet_policy() -> FacetPolicy:
    """The shipped fields."""
    return load_policy(Path(__file__).parent / "facets.yml", FacetPolicy)


def facet_aggregations() -> dict[str, Any]:
    """What to ask the event store."""
    policy = facet_policy()
    return {name: {"terms": {"field": name, "size": policy.size}} for name in policy.fields}


def facets_of(answer: Mapping[str, Any], search: EventSearch) -> list[Facet]:
    """The facets in an aggregation's answer; fields without values are left out."""
    facets = []
    for name in facet_policy().fields:
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
