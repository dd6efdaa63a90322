"""Aggregations as requested, one class a kind; ``inner`` holds the sub-aggregations by name."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from store.query.tree import Query


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure over the values of a number or date field; ``value_count`` over any field's."""

    kind: Literal["min", "max", "sum", "avg", "stats", "value_count"]
    field: str


@dataclass(frozen=True, slots=True)
class Cardinality:
    """How many distinct values."""

    field: str


@dataclass(frozen=True, slots=True)
class TopHits:
    """The newest or oldest events."""

    size: int
    newest: bool
    source: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Terms:
    """A bucket a value."""

    field: str
    size: int = 10
    by_key: bool = False
    ascending: bool = False
    min_doc_count: int = 1
    missing: str | None = None
    inner: Inner = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Histogram:
    """A bucket an interval; of a date field in milliseconds, ``zone_ms`` east of UTC."""

    field: str
    interval: float
    offset: float = 0
    min_doc_count: int = 0
    bounds: tuple[float, float] | None = None
    is_date: bool = False
    inner: Inner = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QueryBucket:
    """A bucket that a query defines, with what else its answer says (``from``, ``to``)."""

    key: str
    query: Query
    extra: Mapping[str, object] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QueryBuckets:
    """Buckets that queries define: ``filter`` (one, unnamed), ``filters`` (by name), ``range`` (a list)."""

    kind: Literal["filter", "filters", "range"]
    buckets: tuple[QueryBucket, ...]
    inner: Inner = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CompositeSource:
    """One part of a composite key: a field's values, or its intervals."""

    name: str
    field: str
    descending: bool = False
    histogram: Histogram | None = None


@dataclass(frozen=True, slots=True)
class Composite:
    """A bucket a combination of keys, page by page in the order of the keys."""

    sources: tuple[CompositeSource, ...]
    size: int
    after: Mapping[str, object] | None
    inner: Inner = dataclasses.field(default_factory=dict)


Aggregation: TypeAlias = Metric | Cardinality | TopHits | Terms | Histogram | QueryBuckets | Composite
Inner: TypeAlias = Mapping[str, Aggregation]
