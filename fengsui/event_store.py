"""The event store of an installation: the one place where the settings choose its engine."""

from __future__ import annotations

from typing import Literal

from fengsui.settings import Settings
from policies.retention import storage_policy
from store import EventStore, open_event_store


def open_store(settings: Settings, mode: Literal["read", "write"] = "read") -> EventStore:
    """The event store, kept by the retention policy where it is opened to write.

    Raises:
        StoreLockedError: it is in a folder that another process writes.
        StoreError: it is in a cluster, and a credential is missing.
    """
    location = settings.store or settings.events_dir
    return open_event_store(location, mode, storage_policy()) if mode == "write" else open_event_store(location)
