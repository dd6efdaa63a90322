"""Aggregation requests in Elasticsearch's JSON form, read once for every engine."""

from store.aggregation.request import read_aggregations

__all__ = ["read_aggregations"]
