"""Elasticsearch's answers to aggregations in the shared form."""

from __future__ import annotations

from typing import Any

from events import FieldType, field_table
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
from store.elasticsearch.aggregation_request import ABSENT, VALUES
from store.elasticsearch.document import event_of

Answer = dict[str, Any]


def read_answers(aggregations: Inner, answer: Answer, depth: int = 0) -> Answer:
    """The answers of aggregations, by name."""
    return {name: _one(node, answer[name], depth) for name, node in aggregations.items()}


def empty_answers(aggregations: Inner) -> Answer:
    """The answers where there is no index to ask."""
    return {name: _nothing(node) for name, node in aggregations.items()}


def _one(node: Aggregation, answer: Answer, depth: int) -> Answer:  # noqa: PLR0911 (one answer a kind)
    match node:
        case Metric(kind):
            return {name: answer[name] for name in (_STATS if kind == "stats" else ("value",))}
        case Cardinality():
            value = answer["value"]
            return {"value": value, **({"value_is_estimate": True} if value > EXACT else {})}
        case TopHits():
            return _top_hits(node, answer)
        case Terms():
            return _terms(node, answer, depth)
        case Histogram():
            return {"buckets": [_bucket(bucket, node.inner, depth) for bucket in answer["buckets"]]}
        case QueryBuckets():
            return _query_buckets(node, answer, depth)
        case Composite():
            buckets = [_bucket(bucket, node.inner, depth) for bucket in answer["buckets"]]
            return {"buckets": buckets, **({"after_key": buckets[-1]["key"]} if len(buckets) == node.size else {})}


EXACT = 1_000
"""Distinct values up to which a count is as good as certain; beyond, Elasticsearch's hashes may coincide."""
_STATS = ("count", "min", "max", "avg", "sum")


def _top_hits(node: TopHits, answer: Answer) -> Answer:
    hits = []
    for hit in answer["hits"]["hits"]:
        event = event_of(hit["_source"])
        source = event if node.source is None else {name: event[name] for name in node.source if name in event}
        hits.append({"_id": hit["_id"], "_source": source, "sort": hit["sort"][:1]})
    total = {"value": answer["hits"]["total"]["value"], "relation": "eq"}
    return {"hits": {"total": total, "max_score": None, "hits": hits}}


def _terms(node: Terms, answer: Answer, depth: int) -> Answer:
    values = answer if node.missing is None else answer[VALUES]
    kept = [bucket for bucket in values["buckets"] if node.missing is None or bucket["key"] != node.missing]
    if node.missing is not None and answer[ABSENT]["doc_count"]:
        kept.append({"key": node.missing, **answer[ABSENT]})
        kept.sort(
            key=lambda bucket: (isinstance(bucket["key"], str), bucket["key"]),
            reverse=node.by_key and not node.ascending,
        )
        if not node.by_key:
            kept.sort(key=lambda bucket: bucket["doc_count"] * (1 if node.ascending else -1))
    total = sum(bucket["doc_count"] for bucket in kept) + values["sum_other_doc_count"]
    kept = [bucket for bucket in kept if bucket["doc_count"] >= node.min_doc_count][: node.size]
    return {
        "doc_count_error_upper_bound": values["doc_count_error_upper_bound"],
        "sum_other_doc_count": total - sum(bucket["doc_count"] for bucket in kept),
        "buckets": [_value_bucket(node, bucket, depth) for bucket in kept],
    }


def _value_bucket(node: Terms, bucket: Answer, depth: int) -> Answer:
    made = _bucket(bucket, node.inner, depth + (node.missing is not None))
    if field_table().type_of(node.field) not in (FieldType.DATE, FieldType.BOOLEAN):
        made.pop("key_as_string", None)
    return made


def _query_buckets(node: QueryBuckets, answer: Answer, depth: int) -> Answer:
    held = [answer["buckets"][str(place)] for place in range(len(node.buckets))]
    made = [
        {**bucket.extra, **_bucket(each, node.inner, depth)} for bucket, each in zip(node.buckets, held, strict=True)
    ]
    if node.kind == "filter":
        return made[0]
    if node.kind == "filters":
        return {"buckets": {bucket.key: each for bucket, each in zip(node.buckets, made, strict=True)}}
    return {"buckets": [{"key": bucket.key, **each} for bucket, each in zip(node.buckets, made, strict=True)]}


def _bucket(bucket: Answer, inner: Inner, depth: int) -> Answer:
    """A bucket with its key, its count and the answers below it."""
    made = {name: bucket[name] for name in ("key", "key_as_string", "doc_count") if name in bucket}
    return made | read_answers(inner, bucket, depth + 1)


def _nothing(node: Aggregation) -> Answer:  # noqa: PLR0911 (one answer a kind)
    match node:
        case Metric(kind):
            empty: Answer = {"count": 0, "min": None, "max": None, "avg": None, "sum": 0.0}
            return empty if kind == "stats" else {"value": {"value_count": 0, "sum": 0.0}.get(kind)}
        case Cardinality():
            return {"value": 0}
        case TopHits():
            return {"hits": {"total": {"value": 0, "relation": "eq"}, "max_score": None, "hits": []}}
        case Terms():
            return {"doc_count_error_upper_bound": 0, "sum_other_doc_count": 0, "buckets": []}
        case QueryBuckets(kind, buckets, inner):
            made = [{**bucket.extra, "doc_count": 0, **empty_answers(inner)} for bucket in buckets]
            if kind == "filter":
                return made[0]
            if kind == "filters":
                return {"buckets": {bucket.key: each for bucket, each in zip(buckets, made, strict=True)}}
            return {"buckets": [{"key": bucket.key, **each} for bucket, each in zip(buckets, made, strict=True)]}
        case Histogram() | Composite():
            return {"buckets": []}
