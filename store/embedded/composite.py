"""Composite aggregations: combinations of keys in order, each found among the events of the keys before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from store.aggregation.nodes import Composite, CompositeSource
from store.embedded.intervals import within
from store.embedded.translate import MAX_DISTINCT
from store.errors import QueryError
from store.query.tree import And, Query, Term

Combination: TypeAlias = tuple[dict[str, object], int, tuple[Query, ...]]
"""The keys by the names of their sources, the number of events, what these events match."""


class Figures(Protocol):
    """Answers flat aggregations (``Aggregator``)."""

    def ask(self, query: Query, field: str, kind: str, options: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What each index answers to one flat aggregation."""

    def values(self, query: Query, field: str) -> Counter[Any]:
        """The values of a field without a typed column."""


def combinations(figures: Figures, node: Composite, query: Query) -> Iterator[Combination]:
    """The combinations behind ``node.after``, in the order of their keys."""
    after = None if node.after is None else [node.after[source.name] for source in node.sources]
    return _combinations(figures, node.sources, query, after)


def _combinations(
    figures: Figures, sources: Sequence[CompositeSource], query: Query, after: Sequence[Any] | None
) -> Iterator[Combination]:
    source, *further = sources
    counts = _counts(figures, source, query)
    for key in sorted(counts, reverse=source.descending):
        if after is not None and (key > after[0] if source.descending else key < after[0]):
            continue
        behind = after[1:] if after is not None and key == after[0] else None
        part = within(source.histogram, float(key)) if source.histogram else Term(source.field, str(key))
        if further:
            for keys, count, parts in _combinations(figures, further, And((query, part)), behind):
                yield {source.name: key, **keys}, count, (part, *parts)
        elif behind is None:
            yield {source.name: key}, counts[key], (part,)


def _counts(figures: Figures, source: CompositeSource, query: Query) -> Counter[Any]:
    counts: Counter[Any] = Counter()
    if source.histogram is None:
        counts = figures.values(query, source.field)
        answers = figures.ask(query, source.field, "terms", {"size": MAX_DISTINCT, "segment_size": MAX_DISTINCT})
    else:
        interval, offset = source.histogram.interval, source.histogram.offset
        if offset % interval:
            raise QueryError(f"{source.name}: a composite's intervals start at 0 UTC; leave offset and time_zone out")
        answers = figures.ask(query, source.field, "histogram", {"interval": interval, "min_doc_count": 1})
    for answer in answers:
        if answer.get("sum_other_doc_count"):
            raise QueryError(f"{source.name}: more than {MAX_DISTINCT:,} values a day; narrow the range of time")
        for bucket in answer["buckets"]:
            counts[_key(source, bucket["key"])] += bucket["doc_count"]
    return counts


def _key(source: CompositeSource, key: Any) -> Any:  # noqa: ANN401 (the engine's own key)
    return int(key) if source.histogram and source.histogram.is_date else key
