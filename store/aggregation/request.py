"""Reads aggregations in Elasticsearch's JSON form; what isn't supported is refused by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from events import FieldType, field_table
from store.aggregation.filters import range_buckets, read_filter
from store.aggregation.intervals import read_date_histogram, read_histogram
from store.aggregation.nodes import (
    Aggregation,
    Cardinality,
    Composite,
    CompositeSource,
    Inner,
    Metric,
    QueryBucket,
    QueryBuckets,
    Terms,
    TopHits,
)
from store.aggregation.options import Options
from store.errors import QueryError

Reader: TypeAlias = Callable[[Options, Inner], Aggregation]

MAX_DEPTH = 8
MAX_TERMS = 10_000
MAX_HITS = 1_000
MAX_SOURCES = 8
_NUMBERS = (FieldType.LONG, FieldType.DOUBLE, FieldType.DATE)


def read_aggregations(request: Mapping[str, object], place: str = "aggs", depth: int = 0) -> dict[str, Aggregation]:
    """The aggregations of a request body, by name.

    Raises:
        QueryError: a kind or an option isn't supported, or a field can't be aggregated that way.
    """
    if depth > MAX_DEPTH:
        raise QueryError(f"{place}: aggregations nest more than {MAX_DEPTH} deep; ask in several requests")
    return {name: _read(body, f"{place}.{name}", depth) for name, body in request.items()}


def _read(body: object, place: str, depth: int) -> Aggregation:
    if not isinstance(body, Mapping):
        raise QueryError(f"{place}: an aggregation is an object like {{'terms': {{'field': 'user.name'}}}}")
    inner_bodies = body.get("aggs", body.get("aggregations", {}))
    kinds = [kind for kind in body if kind not in ("aggs", "aggregations", "meta")]
    if len(kinds) != 1 or kinds[0] not in _READERS:
        supported = ", ".join(sorted(_READERS))
        raise QueryError(
            f"{place}: {' and '.join(map(str, kinds)) or 'nothing'} isn't supported; one of {supported} is"
        )
    inner = read_aggregations(inner_bodies, f"{place}.aggs", depth + 1)
    return _READERS[kinds[0]](Options(f"{place}.{kinds[0]}", body[kinds[0]]), inner)


def _leaf(read: Callable[[Options], Aggregation]) -> Reader:
    """A kind that has no buckets, so nothing stands below it."""

    def reader(options: Options, inner: Inner) -> Aggregation:
        if inner:
            raise QueryError(f"{options.place}: has no buckets, so no aggregations below it; move them up")
        return read(options)

    return reader


def _metric(kind: Any) -> Reader:  # noqa: ANN401 (a literal of Metric.kind)
    def read(options: Options) -> Aggregation:
        field = options.field()
        if kind != "value_count" and field_table().type_of(field) not in _NUMBERS:
            raise QueryError(
                f"{options.place}: {field} is no number or date in events/fields.yml; count its values instead"
            )
        options.done()
        return Metric(kind, field)

    return _leaf(read)


def _cardinality(options: Options) -> Aggregation:
    field = options.field()
    options.take("precision_threshold", int, 0)  # always exact up to the engine's own limit
    options.done()
    return Cardinality(field)


def _top_hits(options: Options) -> Aggregation:
    sort = options.take("sort", object, [{"@timestamp": "desc"}])
    sort = sort[0] if isinstance(sort, list) and len(sort) == 1 else sort
    direction = sort.get("@timestamp") if isinstance(sort, dict) and len(sort) == 1 else None
    direction = direction.get("order") if isinstance(direction, dict) else direction
    if direction not in ("asc", "desc"):
        raise QueryError(f"{options.place}.sort: events are sorted by @timestamp, asc or desc")
    source = options.take("_source", object, True)  # noqa: FBT003 (Elasticsearch's own default)
    source = source.get("includes") if isinstance(source, dict) else source
    size = options.size(3, MAX_HITS)
    options.done()
    fields = tuple(map(str, source)) if isinstance(source, list) else (None if source else ())
    return TopHits(size, direction == "desc", fields)


def _terms(options: Options, inner: Inner) -> Aggregation:
    order = options.take("order", object, {"_count": "desc"})
    order = order[0] if isinstance(order, list) and len(order) == 1 else order
    by, direction = next(iter(order.items())) if isinstance(order, dict) and len(order) == 1 else (None, None)
    if by not in ("_count", "_key") or direction not in ("asc", "desc"):
        raise QueryError(f"{options.place}.order: by _count or _key, asc or desc")
    missing = options.take("missing", object, None)
    node = Terms(
        options.field(),
        options.size(10, MAX_TERMS),
        by_key=by == "_key",
        ascending=direction == "asc",
        min_doc_count=options.take("min_doc_count", int, 1),
        missing=None if missing is None else str(missing),
        inner=inner,
    )
    options.take("shard_size", int, 0)  # every index returns enough of them
    options.done()
    if node.min_doc_count < 1:
        raise QueryError(f"{options.place}.min_doc_count: at least 1; values without events aren't listed")
    return node


def _filter(options: Options, inner: Inner) -> Aggregation:
    return QueryBuckets("filter", (QueryBucket("", read_filter(options.body, options.place)),), inner)


def _filters(options: Options, inner: Inner) -> Aggregation:
    named = options.take("filters", dict, {})
    options.done()
    buckets = tuple(QueryBucket(name, read_filter(body, f"{options.place}.{name}")) for name, body in named.items())
    return QueryBuckets("filters", buckets, inner)


def _range(options: Options, inner: Inner) -> Aggregation:
    return QueryBuckets("range", range_buckets(options), inner)


def _composite(options: Options, inner: Inner) -> Aggregation:
    listed = options.take("sources", list, [])
    if not 0 < len(listed) <= MAX_SOURCES:
        raise QueryError(f"{options.place}.sources: between 1 and {MAX_SOURCES}")
    sources = tuple(_source(source, f"{options.place}.sources[{place}]") for place, source in enumerate(listed))
    after = options.take("after", object, None)
    if after is not None and (not isinstance(after, dict) or set(after) != {source.name for source in sources}):
        raise QueryError(f"{options.place}.after: the after_key of the page before, as it was given")
    size = options.size(10, MAX_TERMS)
    options.done()
    return Composite(sources, size, after, inner)


def _source(source: object, place: str) -> CompositeSource:
    if not isinstance(source, dict) or len(source) != 1:
        raise QueryError(f"{place}: one name with its source, like {{'user': {{'terms': {{'field': 'user.name'}}}}}}")
    name, body = next(iter(source.items()))
    kind = next(iter(body), None) if isinstance(body, dict) and len(body) == 1 else None
    if kind not in ("terms", "histogram", "date_histogram"):
        raise QueryError(f"{place}.{name}: one of terms, histogram, date_histogram")
    options = Options(f"{place}.{name}.{kind}", body[kind])
    descending = options.take("order", str, "asc") == "desc"
    if kind != "terms":
        histogram = (read_date_histogram if kind == "date_histogram" else read_histogram)(options, {})
        return CompositeSource(name, histogram.field, descending, histogram)
    field = options.field()
    if field_table().type_of(field) not in (None, FieldType.KEYWORD, FieldType.LONG):
        raise QueryError(f"{options.place}.field: {field} is no keyword or long field; use terms, which pages by size")
    options.done()
    return CompositeSource(name, field, descending)


_READERS: dict[str, Reader] = {
    **{kind: _metric(kind) for kind in ("min", "max", "sum", "avg", "stats", "value_count")},
    "cardinality": _leaf(_cardinality),
    "top_hits": _leaf(_top_hits),
    "terms": _terms,
    "histogram": read_histogram,
    "date_histogram": read_date_histogram,
    "range": _range,
    "date_range": _range,
    "filter": _filter,
    "filters": _filters,
    "composite": _composite,
}
