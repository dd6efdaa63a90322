"""Where events and records are kept: event stores behind one interface and one query language, and records.

Events: ``open_event_store``, ``parse_query``; the records database is in ``store.records``.
"""

from store.elasticsearch import ElasticsearchSettings
from store.embedded import EmbeddedEventStore
from store.errors import CursorError, QueryError, QuerySyntaxError, StoreError, StoreLockedError
from store.event_store import DayInfo, EventStore, Order, Page, RejectedEvent, Window, WriteResult
from store.opening import open_event_store
from store.query import Query, parse_query
from store.retention import PlausibleTimes, StoragePolicy

__all__ = [
    "CursorError",
    "DayInfo",
    "ElasticsearchSettings",
    "EmbeddedEventStore",
    "EventStore",
    "Order",
    "Page",
    "PlausibleTimes",
    "Query",
    "QueryError",
    "QuerySyntaxError",
    "RejectedEvent",
    "StoragePolicy",
    "StoreError",
    "StoreLockedError",
    "Window",
    "WriteResult",
    "open_event_store",
    "parse_query",
]
