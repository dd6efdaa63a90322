"""Opens the event store that settings name."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from store.elasticsearch import ElasticsearchSettings
from store.embedded import EmbeddedEventStore
from store.event_store import EventStore
from store.retention import KEEP_EVERYTHING, StoragePolicy


def open_event_store(
    location: Path | ElasticsearchSettings,
    mode: Literal["read", "write"] = "read",
    policy: StoragePolicy = KEEP_EVERYTHING,
) -> EventStore:
    """The event store in a folder, or in a cluster.

    Raises:
        StoreLockedError: the folder is open to write in another process.
        StoreError: a credential of the cluster is missing.
    """
    if isinstance(location, ElasticsearchSettings):
        from store.elasticsearch.store import ElasticsearchEventStore  # noqa: PLC0415 (it takes a second to load)

        return ElasticsearchEventStore(location, mode, policy)
    return EmbeddedEventStore(location, mode, policy)
