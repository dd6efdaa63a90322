"""Days that are over are written anew as one piece: a search opens less, and values that many events share stand once.

Elasticsearch's force merge; it needs as much free space again as the day has, and goes on in the cluster by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import structlog
from elasticsearch import ApiError

from store.elasticsearch.catalog import Catalog
from store.elasticsearch.connection import Connection, reason_of, root_cause
from store.retention import Merging

_STATE = (
    "nodes.*.fs.total.available_in_bytes,nodes.*.thread_pool.force_merge.active,nodes.*.thread_pool.force_merge.queue"
)
_log = structlog.get_logger(__name__)


class Merger:
    """Has days merged, one at a time."""

    def __init__(self, connection: Connection, catalog: Catalog) -> None:
        """Nothing is asked before it is needed."""
        self._connection = connection
        self._catalog = catalog

    def merge_next(self, merging: Merging, today: date) -> str | None:
        """Begin to merge the oldest day that is due, unless one is being merged; returns its index's name."""
        names = self._over(today - timedelta(days=merging.after_days))
        try:
            if not names or (room := self._least_room()) is None:
                return None
            name = next(self._due(names, merging, room), None)
            if name is not None:
                self._connection.client.indices.forcemerge(index=name, max_num_segments=1, wait_for_completion=False)
        except ApiError as error:
            _log.warning("day not merged", reason=reason_of(root_cause(error)))
            return None
        return name

    def _over(self, first_not_over: date) -> list[str]:
        """The indexes of days before a day, oldest first."""
        held = self._catalog.held()
        return [self._catalog.names.name(key) for key in held if key.day is not None and key.day < first_not_over]

    def _due(self, names: list[str], merging: Merging, room: int) -> Iterator[str]:
        """Those of some indexes that lie in several pieces, where the disks have room to write them anew."""
        wanted = "indices.*.shards.*.segments.*.num_docs,indices.*.shards.*.segments.*.size_in_bytes"
        pattern = self._catalog.names.pattern
        answer = self._connection.client.indices.segments(index=pattern, filter_path=wanted, ignore_unavailable=True)
        for name in names:
            shards = answer.get("indices", {}).get(name, {}).get("shards", {}).values()
            copies = [copy for shard in shards for copy in shard]
            size = sum(piece["size_in_bytes"] for copy in copies for piece in copy.get("segments", {}).values())
            if size < room and any(_is_in_pieces(copy, merging.least_share) for copy in copies):
                yield name

    def _least_room(self) -> int | None:
        """Free bytes of the node that has least; None while a node merges a day."""
        nodes = self._connection.client.nodes.stats(metric=["fs", "thread_pool"], filter_path=_STATE).get("nodes", {})
        if any(sum(node.get("thread_pool", {}).get("force_merge", {}).values()) for node in nodes.values()):
            return None
        return min((node["fs"]["total"]["available_in_bytes"] for node in nodes.values()), default=0)


def _is_in_pieces(copy: Mapping[str, Any], least_share: float) -> bool:
    """Whether the largest piece of a shard has less of its documents than it should; late events change little."""
    numbers = [piece["num_docs"] for piece in copy.get("segments", {}).values()]
    return len(numbers) > 1 and max(numbers) < least_share * sum(numbers)
