"""Events that lie in another index already: the clock or the policy has changed since they were first written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from events import format_timestamp, values_of
from store.elasticsearch.catalog import Catalog
from store.elasticsearch.connection import Connection
from store.elasticsearch.freshness import Unseen
from store.errors import StoreError
from store.placement import Arrival, IndexKey, possible_days
from store.query.values import keyword_form

_IDS_A_REQUEST = 5_000


class EarlierHomes:
    """Finds ids under which an event lies elsewhere than it would go now."""

    def __init__(self, connection: Connection, catalog: Catalog, unseen: Unseen) -> None:
        """Keep where to ask."""
        self._connection = connection
        self._catalog = catalog
        self._unseen = unseen
        self._looked_at: set[IndexKey] = set()

    def already_held(self, placed: Mapping[IndexKey, Sequence[Arrival]]) -> dict[IndexKey, set[str]]:
        """The ids of arrivals that another index holds, by the index they would go to."""
        held = self._catalog.held()
        found: dict[IndexKey, set[str]] = {}
        for key, arrivals in placed.items():
            days = possible_days(key, arrivals)
            others = [other for other in held if other != key and other.day in days]
            if others and self._may_hold(key, others, arrivals):
                found[key] = self._ids_in(others, arrivals)
        return found

    def _may_hold(self, key: IndexKey, others: Sequence[IndexKey], arrivals: Sequence[Arrival]) -> bool:
        """Whether other indexes hold anything of these datasets and times; hardly ever, so ids need no look."""
        self._unseen.add(set(others).difference(self._looked_at))  # what a process before this one wrote last
        self._unseen.show(other for other in others if other.day != key.day or other not in self._looked_at)
        self._looked_at.update(others)
        answer = self._connection.client.search(
            index=self._catalog.names.expression(others),
            ignore_unavailable=True,
            size=0,
            terminate_after=1,
            query={"bool": {"filter": [_times(arrivals), _datasets(arrivals)]}},
        )
        if answer["_shards"]["failed"]:
            raise self._unknown()
        return bool(answer["hits"]["total"]["value"])

    def _ids_in(self, others: Sequence[IndexKey], arrivals: Sequence[Arrival]) -> set[str]:
        found: set[str] = set()
        ids = [arrival.event_id for arrival in arrivals]
        for other in others:
            for start in range(0, len(ids), _IDS_A_REQUEST):
                answer = self._connection.client.mget(
                    index=self._catalog.names.name(other),
                    ids=ids[start : start + _IDS_A_REQUEST],
                    source=False,
                    filter_path="docs._id,docs.found,docs.error.type",
                )
                if any("error" in document for document in answer["docs"]):
                    raise self._unknown()
                found.update(document["_id"] for document in answer["docs"] if document.get("found"))
        return found

    def _unknown(self) -> StoreError:
        return StoreError(
            f"{self._connection.where}: a shard that may hold some of the events already gives no answer; "
            "mend the cluster; the events are sent again later"
        )


def _times(arrivals: Sequence[Arrival]) -> dict[str, Any]:
    moments = [arrival.moment_ms for arrival in arrivals]
    bounds = {"gte": format_timestamp(min(moments)), "lte": format_timestamp(max(moments))}
    return {"range": {"@timestamp": bounds}}


def _datasets(arrivals: Sequence[Arrival]) -> dict[str, Any]:
    datasets = {str(arrival.event.get("event.dataset")): arrival.event.get("event.dataset") for arrival in arrivals}
    named = {keyword_form(item) for dataset in datasets.values() for item in values_of(dataset)}
    clauses: list[dict[str, Any]] = [{"terms": {"event.dataset": sorted(name for name in named if name is not None)}}]
    if None in named:
        clauses.append({"bool": {"must_not": [{"exists": {"field": "event.dataset"}}]}})
    return {"bool": {"should": clauses, "minimum_should_match": 1}}
