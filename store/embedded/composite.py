"""Composite aggregations: one page of key combinations, merged from every index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from store.aggregation.nodes import Composite, CompositeSource
from store.embedded.schema import column
from store.embedded.search import View
from store.errors import QueryError

Page = list[tuple[dict[str, object], int]]


def composite_page(views: Iterable[View], node: Composite) -> Page:
    """The page behind ``node.after``: each index gives its own next keys, of which the first are the page's."""
    counts: Counter[tuple[Any, ...]] = Counter()
    for view in views:
        for bucket in _buckets(view, node):
            counts[tuple(_plain(source, bucket["key"][source.name]) for source in node.sources)] += bucket["doc_count"]
    keys = list(counts)
    for place, source in reversed(list(enumerate(node.sources))):
        keys.sort(key=lambda key: key[place], reverse=source.descending)
    names = [source.name for source in node.sources]
    return [(dict(zip(names, key, strict=True)), counts[key]) for key in keys[: node.size]]


def _buckets(view: View, node: Composite) -> list[dict[str, Any]]:
    request: dict[str, Any] = {"size": node.size, "sources": [_source(view, source) for source in node.sources]}
    if node.after is not None:
        request["after"] = {source.name: _engine_key(source, node.after[source.name]) for source in node.sources}
    try:
        buckets: list[dict[str, Any]] = view.searcher.aggregate(view.query, {"a": {"composite": request}})["a"][
            "buckets"
        ]
    except ValueError as error:
        raise QueryError(f"the engine can't answer the composite ({error}); check its after key") from error
    return buckets


def _source(view: View, source: CompositeSource) -> dict[str, Any]:
    field = column(view.index.types, source.field)
    order = "desc" if source.descending else "asc"
    if source.histogram is None:
        return {source.name: {"terms": {"field": field, "order": order}}}
    interval = source.histogram.interval
    if source.histogram.offset % interval:
        raise QueryError(f"{source.name}: a composite's intervals start at 0 UTC; leave offset and time_zone out")
    return {source.name: {"histogram": {"field": field, "interval": interval, "order": order}}}


def _plain(source: CompositeSource, key: Any) -> object:  # noqa: ANN401 (the engine's own key)
    return int(key) if source.histogram and source.histogram.is_date else key


def _engine_key(source: CompositeSource, value: object) -> str:
    """A key in the form in which the engine takes it up again."""
    if source.histogram is not None:
        return f"f64:{value}"
    return f"i64:{value}" if isinstance(value, int) else f"str:{value}"
