"""Answers aggregations in one request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from elasticsearch import ApiError

from store.aggregation import read_aggregations
from store.aggregation.nodes import Inner
from store.elasticsearch.aggregation_answer import empty_answers, read_answers
from store.elasticsearch.aggregation_request import RequestWriter
from store.elasticsearch.answers import Shortfall, closed_shortfall, refused, shortfall_of
from store.elasticsearch.catalog import Catalog
from store.elasticsearch.connection import Connection
from store.elasticsearch.freshness import Unseen
from store.elasticsearch.scope import Scope, scope_of
from store.elasticsearch.settings import ElasticsearchSettings
from store.errors import QueryError, StoreError
from store.event_store import Window
from store.query.tree import Query


class Aggregator:
    """Answers aggregations."""

    def __init__(
        self, connection: Connection, catalog: Catalog, unseen: Unseen, settings: ElasticsearchSettings
    ) -> None:
        """Nothing is asked before it is needed."""
        self._connection = connection
        self._catalog = catalog
        self._unseen = unseen
        self._seconds = settings.search_seconds

    def answer(self, query: Query, window: Window, aggregations: Mapping[str, object]) -> dict[str, Any]:
        """The answers of aggregations over the matching events; see ``ElasticsearchEventStore.aggregate``."""
        nodes = read_aggregations(aggregations)
        scope = scope_of(self._catalog, self._unseen, query, window)
        _refuse_partial(closed_shortfall(scope.closed))
        if not scope.indexes:
            return empty_answers(nodes)
        try:
            return self._within(scope, query, nodes)
        except (ApiError, StoreError):
            if self._catalog.holds(scope.names):
                raise
        return self.answer(query, window, aggregations)  # a day was dropped meanwhile: again without it

    def _within(self, scope: Scope, query: Query, nodes: Inner) -> dict[str, Any]:
        asked, wanted = scope.bounded(query), RequestWriter(scope).write(nodes)
        try:
            answer = self._connection.client.search(
                index=scope.indexes,
                ignore_unavailable=True,
                query=asked,
                aggs=wanted,
                runtime_mappings=scope.checks.fields or None,
                size=0,
                track_total_hits=False,
                timeout=f"{round(self._seconds * 1000)}ms",
            )
        except ApiError as error:
            raise refused(error) from error
        _refuse_partial(shortfall_of(answer.body, self._seconds))
        return read_answers(nodes, answer["aggregations"])


def _refuse_partial(shortfall: Shortfall | None) -> None:
    if shortfall:
        kind = QueryError if shortfall.is_slow else StoreError
        raise kind(f"{shortfall.note}; the figures would be too low")
