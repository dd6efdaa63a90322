"""An event store that times what is asked of it, within spans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from time import perf_counter

from opentelemetry import trace
from prometheus_client import CollectorRegistry, Counter, Histogram

from events import Event
from store import DayInfo, EventStore, Order, Page, Query, Window, WriteResult

_tracer = trace.get_tracer("fengsui.store")
_BUCKETS = (0.005, 0.02, 0.05, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)


class MeasuredEventStore:
    """Passes everything on to another store; implements ``EventStore``."""

    def __init__(self, store: EventStore, registry: CollectorRegistry) -> None:
        """Wrap a store and declare the figures."""
        self._store = store
        self._seconds = Histogram(
            "fengsui_store_seconds",
            "Seconds that an operation of the event store takes",
            ("operation",),
            buckets=_BUCKETS,
            registry=registry,
        )
        self._failures = Counter(
            "fengsui_store_failures", "Operations of the event store that failed", ("operation",), registry=registry
        )

    def write(self, events: Sequence[Event]) -> WriteResult:
        """See ``EventStore``."""
        with self._timed("write"):
            return self._store.write(events)

    def search(
        self,
        query: Query,
        window: Window,
        *,
        limit: int = 100,
        order: Order = "newest",
        cursor: str | None = None,
    ) -> Page:
        """See ``EventStore``."""
        with self._timed("search"):
            return self._store.search(query, window, limit=limit, order=order, cursor=cursor)

    def aggregate(self, query: Query, window: Window, aggregations: Mapping[str, object]) -> dict[str, object]:
        """See ``EventStore``."""
        with self._timed("aggregate"):
            return self._store.aggregate(query, window, aggregations)

    def get(self, ids: Sequence[str], window: Window = Window()) -> list[Event]:  # noqa: B008 (frozen, no state)
        """See ``EventStore``."""
        with self._timed("get"):
            return self._store.get(ids, window)

    def days(self) -> list[DayInfo]:
        """See ``EventStore``."""
        return self._store.days()

    def apply_retention(self, today: date) -> list[DayInfo]:
        """See ``EventStore``."""
        return self._store.apply_retention(today)

    def close(self) -> None:
        """See ``EventStore``."""
        self._store.close()

    @contextmanager
    def _timed(self, operation: str) -> Iterator[None]:
        began = perf_counter()
        try:
            with _tracer.start_as_current_span(f"store {operation}"):
                yield
        except Exception:
            self._failures.labels(operation).inc()
            raise
        finally:
            self._seconds.labels(operation).observe(perf_counter() - began)
