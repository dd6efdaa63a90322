"""Aggregations of the shared form as requests of Elasticsearch."""

from __future__ import annotations

from typing import Any

from store.aggregation.nodes import (
    Aggregation,
    Cardinality,
    Composite,
    CompositeSource,
    Histogram,
    Inner,
    Metric,
    QueryBuckets,
    Terms,
    TopHits,
)
from store.elasticsearch.columns import column
from store.elasticsearch.scope import Scope
from store.errors import QueryError
from store.query.tree import Exists, Not, Or, Query, Term

ABSENT = "absent"
"""Name of the aggregation beside a terms aggregation that counts the events without the field."""
VALUES = "values"
PRECISE, PRECISE_BELOW = 40_000, 1_000
"""Distinct values that are counted one by one: at the top, and in buckets."""
MOST_TERMS = 20_000
Request = dict[str, Any]


class RequestWriter:
    """Writes requests for one scope."""

    def __init__(self, scope: Scope) -> None:
        """Fields are read from the columns that the scope's indexes have."""
        self._scope = scope

    def write(self, aggregations: Inner, depth: int = 0) -> Request:
        """The requests of aggregations, by name."""
        return {name: self._one(node, depth) for name, node in aggregations.items()}

    def _one(self, node: Aggregation, depth: int) -> Request:  # noqa: PLR0911 (one request a kind)
        match node:
            case Metric(kind, field):
                return {kind: {"field": self._column(field)}}
            case Cardinality(field):
                precision = PRECISE_BELOW if depth else PRECISE
                return {"cardinality": {"field": self._column(field), "precision_threshold": precision}}
            case TopHits(size, newest):
                order = "desc" if newest else "asc"
                return {"top_hits": {"size": size, "sort": [{"@timestamp": order}, {"event.id": order}]}}
            case Terms():
                return self._terms(node, depth)
            case Histogram():
                return self._with_inner(_histogram(node), node.inner, depth)
            case QueryBuckets(_kind, buckets, inner):
                filters = {str(place): self._scope.clause(bucket.query) for place, bucket in enumerate(buckets)}
                return self._with_inner({"filters": {"filters": filters}}, inner, depth)
            case Composite():
                return self._composite(node, depth)

    def _terms(self, node: Terms, depth: int) -> Request:
        """A terms aggregation, among others of its kind where events without the field are a bucket too."""
        order = {"_key" if node.by_key else "_count": "asc" if node.ascending else "desc"}
        size = node.size if node.min_doc_count == 1 else MOST_TERMS
        options: dict[str, Any] = {"field": self._column(node.field), "size": size, "order": [order, {"_key": "asc"}]}
        options["shard_size"] = max(MOST_TERMS, size) if not depth else max(1_000, size * 4)
        if node.missing is None:
            return self._with_inner({"terms": options}, node.inner, depth)
        absent = absent_query(node)
        values = self._with_inner({"terms": options}, node.inner, depth + 1)
        nothing = self._with_inner({"filter": self._scope.clause(absent)}, node.inner, depth + 1)
        return {"filter": {"match_all": {}}, "aggs": {VALUES: values, ABSENT: nothing}}

    def _composite(self, node: Composite, depth: int) -> Request:
        if depth:
            raise QueryError("a composite aggregation stands at the top; ask for it on its own")
        options: dict[str, Any] = {"size": node.size, "sources": [self._source(source) for source in node.sources]}
        if node.after is not None:
            options["after"] = dict(node.after)
        return self._with_inner({"composite": options}, node.inner, depth)

    def _source(self, source: CompositeSource) -> Request:
        order = {"order": "desc" if source.descending else "asc"}
        if source.histogram is None:
            return {source.name: {"terms": {"field": self._column(source.field), **order}}}
        ((kind, options),) = _histogram(source.histogram, bare=True).items()
        return {source.name: {kind: {**options, **order}}}

    def _with_inner(self, request: Request, inner: Inner, depth: int) -> Request:
        return {**request, "aggs": self.write(inner, depth + 1)} if inner else request

    def _column(self, field: str) -> str:
        return column(self._scope.types, field)


def absent_query(node: Terms) -> Query:
    """The events of the bucket that stands for the missing value."""
    return Or((Term(node.field, node.missing or ""), Not(Exists(node.field))))


def _histogram(node: Histogram, *, bare: bool = False) -> Request:
    """A histogram; ``bare`` as a part of a composite's key, which has no gaps to fill."""
    options: dict[str, Any] = {"field": node.field}
    if node.is_date:
        options["fixed_interval"] = f"{round(node.interval)}ms"
        shift = round(node.offset % node.interval)
        options |= {"offset": f"+{shift}ms"} if shift else {}
    else:
        options["interval"] = node.interval
        options |= {"offset": node.offset % node.interval} if node.offset and not bare else {}
    if not bare:
        options["min_doc_count"] = node.min_doc_count
        if node.bounds is not None:
            low, high = node.bounds
            options["extended_bounds"] = (
                {"min": round(low), "max": round(high)} if node.is_date else {"min": low, "max": high}
            )
    return {"date_histogram" if node.is_date else "histogram": options}
