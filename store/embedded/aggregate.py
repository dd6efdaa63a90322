"""Answers aggregations: each is asked of every index and merged exactly.

What stands below a bucket is asked of the events in that bucket, so that no figure depends on how the events are
spread over indexes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import islice
from typing import Any

from events import FieldType, field_table, format_timestamp
from store.aggregation.nodes import (
    Aggregation,
    Cardinality,
    Composite,
    Histogram,
    Inner,
    Metric,
    QueryBuckets,
    Terms,
    TopHits,
)
from store.embedded.buckets import has_column, value_counts
from store.embedded.composite import combinations
from store.embedded.intervals import FIRST_MS, LAST_MS, within
from store.embedded.search import Looks, View
from store.embedded.snapshot import Snapshot
from store.embedded.spreading import asked_of_each
from store.embedded.translate import MAX_DISTINCT
from store.errors import QueryError
from store.query.tree import And, Exists, Not, Or, Query, Range, Term

MAX_BUCKETS = 65_000
_FETCHED = 20_000
Answer = dict[str, object]


class Aggregator:
    """Aggregates one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Nothing is read before it is asked for."""
        self._snapshot = snapshot

    def answer(self, aggregations: Inner, query: Query) -> Answer:
        """The answers of aggregations over the events that match, by name."""
        return {name: self._one(aggregation, query) for name, aggregation in aggregations.items()}

    def _one(self, node: Aggregation, query: Query) -> Answer:  # noqa: PLR0911 (one answer a kind)
        match node:
            case Metric():
                return self._metric(node, query)
            case Cardinality(field):
                return self._cardinality(field, query)
            case TopHits():
                return self._top_hits(node, query)
            case Terms():
                return self._terms(node, query)
            case Histogram():
                return self._histogram(node, query)
            case QueryBuckets():
                return self._query_buckets(node, query)
            case Composite():
                return self._composite(node, query)

    def ask(self, query: Query, field: str, kind: str, options: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What each index answers to one flat aggregation of the engine; none where the field has another type."""
        looks = self._snapshot.looks
        request = {"a": {kind: {"field": field, **options}}}
        views = [view for view in self._snapshot.views(query) if _same_type(view, field) and has_column(view, field)]
        for view in views:
            view.query(looks)  # one after the other, as far as events have to be looked at
        return [answer["a"] for answer in asked_of_each(lambda view: aggregated(view, request, looks), views)]

    def values(self, query: Query, field: str) -> Counter[Any]:
        """The values of a field without a typed column, with the number of events that have each."""
        looks = self._snapshot.looks
        views = [
            view for view in self._snapshot.views(query) if _same_type(view, field) and not has_column(view, field)
        ]
        for view in views:
            view.query(looks)
        counts: Counter[Any] = Counter()
        for part in asked_of_each(lambda view: value_counts(view, field, looks), views):
            counts.update(part)
        return counts

    def _below(self, bucket: dict[str, object], inner: Inner, query: Query, bucket_query: Query) -> dict[str, object]:
        return {**bucket, **self.answer(inner, And((query, bucket_query)))} if inner else bucket

    def _metric(self, node: Metric, query: Query) -> Answer:
        if node.kind == "value_count":
            typed = sum(answer["value"] or 0 for answer in self.ask(query, node.field, "value_count", {}))
            return {"value": int(typed) + self.values(query, node.field).total()}
        parts = [part for part in self.ask(query, node.field, "stats", {}) if part["count"]]
        count, total = sum(part["count"] for part in parts), sum(part["sum"] for part in parts)
        figures: Answer = {
            "count": count,
            "min": min((part["min"] for part in parts), default=None),
            "max": max((part["max"] for part in parts), default=None),
            "avg": total / count if count else None,
            "sum": total,
        }
        return figures if node.kind == "stats" else {"value": figures[node.kind]}

    def _cardinality(self, field: str, query: Query) -> Answer:
        answers = self.ask(query, field, "terms", {"size": MAX_DISTINCT, "segment_size": MAX_DISTINCT})
        values = {bucket["key"] for answer in answers for bucket in answer["buckets"]} | {*self.values(query, field)}
        if any(answer["sum_other_doc_count"] for answer in answers):
            return {"value": len(values), "value_is_lower_bound": True}
        return {"value": len(values)}

    def _top_hits(self, node: TopHits, query: Query) -> Answer:
        hits: list[dict[str, object]] = []
        for (moment_ms, event_id), event in self._snapshot.events(query, newest=node.newest):
            source = event if node.source is None else {name: event[name] for name in node.source if name in event}
            hits.append({"_id": event_id, "_source": source, "sort": [moment_ms]})
            if len(hits) == node.size:
                break
        total = {"value": self._snapshot.count(query), "relation": "eq"}
        return {"hits": {"total": total, "max_score": None, "hits": hits}}

    def _terms(self, node: Terms, query: Query) -> Answer:
        fetched = max(_FETCHED, min(node.size * 4, MAX_DISTINCT))
        order = {"_key" if node.by_key else "_count": "asc" if node.ascending else "desc"}
        answers = self.ask(query, node.field, "terms", {"size": fetched, "segment_size": fetched, "order": order})
        counts = self.values(query, node.field)
        error = 0
        for answer in answers:
            counts.update({bucket["key"]: bucket["doc_count"] for bucket in answer["buckets"]})
            if answer["sum_other_doc_count"]:
                error += min(bucket["doc_count"] for bucket in answer["buckets"])
        total = counts.total() + sum(answer["sum_other_doc_count"] for answer in answers)
        if node.missing is not None and (absent := self._snapshot.count(And((query, Not(Exists(node.field)))))):
            counts[node.missing] += absent
            total += absent
        kept = [(key, count) for key, count in _sorted(counts, node) if count >= node.min_doc_count][: node.size]
        buckets = [
            self._below(_bucket(node.field, key, count), node.inner, query, _holding(node, key)) for key, count in kept
        ]
        others = total - sum(count for _key, count in kept)
        return {"doc_count_error_upper_bound": error, "sum_other_doc_count": others, "buckets": buckets}

    def _histogram(self, node: Histogram, query: Query) -> Answer:
        options = {"interval": node.interval, "offset": node.offset % node.interval, "min_doc_count": 1}
        counts: Counter[float] = Counter()
        for answer in self.ask(query, node.field, "histogram", options):
            counts.update({bucket["key"]: bucket["doc_count"] for bucket in answer["buckets"]})
        keys = sorted(counts) if node.min_doc_count else _every_key(node, counts)
        return {
            "buckets": [
                self._below(_interval_bucket(node, key, counts[key]), node.inner, query, within(node, key))
                for key in keys
                if counts[key] >= node.min_doc_count
            ]
        }

    def _query_buckets(self, node: QueryBuckets, query: Query) -> Answer:
        answers: list[tuple[str, dict[str, object]]] = []
        for bucket in node.buckets:
            count: dict[str, object] = {**bucket.extra, "doc_count": self._snapshot.count(And((query, bucket.query)))}
            answers.append((bucket.key, self._below(count, node.inner, query, bucket.query)))
        if node.kind == "filter":
            return answers[0][1]
        if node.kind == "filters":
            return {"buckets": dict(answers)}
        return {"buckets": [{"key": key, **answer} for key, answer in answers]}

    def _composite(self, node: Composite, query: Query) -> Answer:
        page = list(islice(combinations(self, node, query), node.size))
        buckets = [
            self._below({"key": key, "doc_count": count}, node.inner, query, And(parts)) for key, count, parts in page
        ]
        return {"buckets": buckets, **({"after_key": page[-1][0]} if len(page) == node.size else {})}


def _every_key(node: Histogram, counts: Mapping[float, int]) -> list[float]:
    """The keys from the first to the last bucket, also those without events."""
    edges = [*counts, *(_key_of(node, bound) for bound in node.bounds or ())]
    if not edges:
        return []
    first = min(edges)
    number = round((max(edges) - first) / node.interval) + 1
    if number > MAX_BUCKETS:
        raise QueryError(
            f"{node.field}: {number:,} intervals; take a longer interval, a narrower range or min_doc_count 1"
        )
    return sorted({first + place * node.interval for place in range(number)} | set(counts))


def _key_of(node: Histogram, value: float) -> float:
    offset = node.offset % node.interval
    return (value - offset) // node.interval * node.interval + offset


def _interval_bucket(node: Histogram, key: float, count: int) -> dict[str, object]:
    if not node.is_date:
        return {"key": key, "doc_count": count}
    return {"key": int(key), "key_as_string": _moment(key), "doc_count": count}


def _bucket(field: str, key: Any, count: int) -> dict[str, object]:  # noqa: ANN401 (the engine's own bucket key)
    kind = field_table().type_of(field)
    if kind is FieldType.DATE and not isinstance(key, str):
        return {"key": int(key), "key_as_string": _moment(key), "doc_count": count}
    if kind is FieldType.BOOLEAN and not isinstance(key, str):
        return {"key": int(key), "key_as_string": "true" if key else "false", "doc_count": count}
    return {"key": key, "doc_count": count}


def _holding(node: Terms, key: Any) -> Query:  # noqa: ANN401 (the engine's own bucket key)
    """The events of a bucket of values."""
    kind = field_table().type_of(node.field)
    if kind is FieldType.DATE and not isinstance(key, str):
        return Range(node.field, _moment(key), _moment(key))
    text = ("true" if key else "false") if kind is FieldType.BOOLEAN and not isinstance(key, str) else str(key)
    held = Term(node.field, text)
    return Or((held, Not(Exists(node.field)))) if key == node.missing else held


def _sorted(counts: Mapping[Any, int], node: Terms) -> list[tuple[Any, int]]:
    """Buckets in the order asked for; equal counts by key."""
    by_key = sorted(counts.items(), key=lambda item: (isinstance(item[0], str), item[0]))
    if node.by_key:
        return by_key if node.ascending else by_key[::-1]
    return sorted(by_key, key=lambda item: item[1] if node.ascending else -item[1])


def _moment(key: float) -> str:
    return format_timestamp(min(max(int(key), FIRST_MS), LAST_MS))


def _same_type(view: View, field: str) -> bool:
    """Whether an index was made when the field had the type it has now; both untyped is the same."""
    return view.index.types.get(field) == field_table().type_of(field)


def aggregated(view: View, request: dict[str, Any], looks: Looks) -> dict[str, Any]:
    """What the engine answers to an aggregation over the matching events of an index.

    Raises:
        QueryError: it can't answer.
    """
    try:
        return view.searcher.aggregate(view.query(looks), request)
    except ValueError as error:
        raise QueryError(f"the engine can't answer the aggregation ({error}); narrow the range of time") from error
