"""The embedded engine of the event store: tantivy, one index a retention class and day of the events' own time."""

from store.embedded.store import EmbeddedEventStore
from store.embedded.upgrade import upgrade_indexes

__all__ = ["EmbeddedEventStore", "upgrade_indexes"]
