"""The indexes that there are, with their figures: those that don't answer as well."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from store.elasticsearch.catalog import Catalog
from store.elasticsearch.connection import Connection
from store.elasticsearch.freshness import Unseen
from store.event_store import DayInfo
from store.placement import IndexKey

_CLOSED = "closed; open it in Elasticsearch"
_TORN = "a shard has no node; look at the cluster's nodes"
_WANTED = "indices.*.health,indices.*.primaries.docs.count,indices.*.total.store.size_in_bytes"


class Inventory:
    """Asks for the figures of every index."""

    def __init__(self, connection: Connection, catalog: Catalog, unseen: Unseen) -> None:
        """Nothing is asked before it is needed."""
        self._connection = connection
        self._catalog = catalog
        self._unseen = unseen

    def days(self) -> list[DayInfo]:
        """The indexes, oldest first; implausible times last. Bytes are those of every copy.

        One that is closed or has lost a shard has the figures of what is left of it, and says so.
        """
        held, closed = self._catalog.open_and_closed()
        self._unseen.show(held)
        found = {self._catalog.names.key(name): figures for name, figures in self._figures().items()}
        if not found.keys() >= set(held):
            still = set(self._catalog.remaining())  # one may have been dropped since
            held = [key for key in held if key in found or key in still]
        infos = [_info(key, found.get(key, {})) for key in held]
        infos += [DayInfo(key.retention_class, key.day, 0, 0, _CLOSED) for key in closed]
        return sorted(infos, key=lambda info: (info.day or date.max, info.day is None, info.retention_class))

    def incomplete(self) -> dict[str, str]:
        """Why indexes don't answer, or not with all of what they hold, by their names."""
        return {
            self._catalog.names.name(IndexKey(info.retention_class, info.day)): info.incomplete
            for info in self.days()
            if info.incomplete
        }

    def _figures(self) -> dict[str, Any]:
        """The figures of open indexes by name, as far as a shard of them is left."""
        pattern, client = self._catalog.names.pattern, self._connection.client
        # Wakes shards that rest unasked and show nothing new; 503 says that no index has a shard left.
        client.options(ignore_status=503).search(index=pattern, size=0)
        answer = client.indices.stats(index=pattern, metric=["docs", "store"], filter_path=_WANTED)
        figures: dict[str, Any] = answer.get("indices", {})
        return figures


def _info(key: IndexKey, figures: Mapping[str, Any]) -> DayInfo:
    count = figures.get("primaries", {}).get("docs", {}).get("count", 0)
    size = figures.get("total", {}).get("store", {}).get("size_in_bytes", 0)
    torn = figures.get("health", "red") == "red"
    return DayInfo(key.retention_class, key.day, count, size, _TORN if torn else None)
