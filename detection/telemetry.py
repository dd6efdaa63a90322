"""Telemetry: the events of the store that a route of the policy means, as the store's own queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from detection.routing import Route, RoutingPolicy, load_routing_policy, sources_of
from detection.rules import Rule
from store import EventStore, Query, Window
from store.aggregation.filters import read_filter
from store.query import MatchAll, Or

_MOST_ROUTES = 100
"""Beyond so many alternatives a query costs more than reading every event."""
_SPECIAL = frozenset('+-=&|><!(){}[]^"~?:\\/ ')


def routes_of(rule: Rule, policy: RoutingPolicy | None = None) -> list[Route]:
    """The routes that lead events to a rule."""
    policy = policy or load_routing_policy()
    return [route for source in sources_of(rule.logsource, policy.sources) for route in source.routes]


def candidates_query(rules: Iterable[Rule], policy: RoutingPolicy | None = None) -> Query:
    """The events that any of the rules can match at all; every event where telling them apart costs too much."""
    routes = {route_name(route): route for rule in rules for route in routes_of(rule, policy)}
    if not 0 < len(routes) <= _MOST_ROUTES:
        return MatchAll()
    return Or(tuple(read_filter(_clause(route), name) for name, route in routes.items()))


def count_events(store: EventStore, routes: Sequence[Route], window: Window) -> dict[str, int]:
    """How many events of a window take each route, by the route's name.

    Raises:
        StoreError: the store can't answer.
    """
    named = {route_name(route): _clause(route) for route in routes}
    answer: dict[str, Any] = {}
    if named:
        answer = store.aggregate(MatchAll(), window, {"routes": {"filters": {"filters": named}}})["routes"]  # type: ignore[assignment]  # Elasticsearch's form
    return {name: int(bucket["doc_count"]) for name, bucket in answer.get("buckets", {}).items()}


def route_name(route: Route) -> str:
    """A name for a route by its conditions, such as ``winlog.channel=Security winlog.event_id=4688``."""
    return " ".join(f"{name}={','.join(accepted)}" for name, accepted in sorted(route.where.items()))


def _clause(route: Route) -> dict[str, Any]:
    """A route's conditions in Elasticsearch's query form."""
    conditions = [
        {"bool": {"should": [_accepts(name, value) for value in accepted]}} for name, accepted in route.where.items()
    ]
    return {"bool": {"filter": conditions}}


def _accepts(name: str, value: str) -> dict[str, Any]:
    if value == "*":
        return {"exists": {"field": name}}
    if "*" in value:
        pattern = "".join(f"\\{each}" if each in _SPECIAL else each for each in value)
        return {"query_string": {"query": f"{name}:{pattern}"}}
    return {"term": {name: value}}
