"""Opens the event store that a setting names."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from store.embedded import EmbeddedEventStore
from store.errors import StoreError
from store.event_store import EventStore
from store.retention import KEEP_EVERYTHING, StoragePolicy


def open_event_store(
    location: str | Path, mode: Literal["read", "write"] = "read", policy: StoragePolicy = KEEP_EVERYTHING
) -> EventStore:
    """The event store at a folder (a path, or ``file:`` and a path).

    Raises:
        StoreError: no engine of this build opens the location.
        StoreLockedError: it is open to write in another process.
    """
    text = str(location)
    if "://" in text:
        raise StoreError(f"{text.partition('://')[0]}: no such event store engine; give the path of a folder")
    return EmbeddedEventStore(Path(text.removeprefix("file:")), mode, policy)
