"""The event store's interface, common to every engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol

from events import Event
from store.errors import StoreError as StoreError  # noqa: PLC0414 (part of the interface)
from store.query.tree import Query


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open range of the events' own time, in milliseconds since 1970 UTC; None is unbounded."""

    start_ms: int | None = None
    end_ms: int | None = None


@dataclass(frozen=True, slots=True)
class RejectedEvent:
    """An event that the engine refused, by its place in the batch."""

    index: int
    detail: str


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What became of a batch: ``existing`` counts events whose id the store already held (a replay)."""

    created: int
    existing: int
    rejected: list[RejectedEvent] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a search, sorted by time and, within a millisecond, by id.

    Attributes:
        events: the events of the page.
        next_cursor: where the next page starts, None at the end; opaque to callers.
        total: number of matching events; a lower bound unless ``total_is_exact``.
    """

    events: list[Event]
    next_cursor: str | None
    total: int
    total_is_exact: bool = True
    incomplete: str | None = None
    """Why the answer is partial (a time limit, a shard that failed); None when it is whole."""


@dataclass(frozen=True, slots=True)
class DayInfo:
    """One index of the store: a retention class and a day of the events' own time (None: implausible times)."""

    retention_class: str
    day: date | None
    events: int
    bytes: int
    incomplete: str | None = None
    """Why its figures are too low and searches of it lack something; None when it is whole."""


Order = Literal["newest", "oldest"]


class EventStore(Protocol):
    """Where events are kept and searched. One process writes; any number read."""

    def write(self, events: Sequence[Event]) -> WriteResult:
        """Create events by their ``event.id``; on return they are on disk. An id already held is left as it is."""

    def search(
        self,
        query: Query,
        window: Window,
        *,
        limit: int = 100,
        order: Order = "newest",
        cursor: str | None = None,
    ) -> Page:
        """One page of the matching events."""

    def aggregate(self, query: Query, window: Window, aggregations: Mapping[str, object]) -> dict[str, object]:
        """Aggregations over the matching events; request and answer in Elasticsearch's JSON form."""

    def get(self, ids: Sequence[str], window: Window = Window()) -> list[Event]:
        """The events with these ids, in the order asked for; ids that are not held are left out."""

    def days(self) -> list[DayInfo]:
        """The indexes held, oldest first; those that don't answer as well, told as ``incomplete``."""

    def apply_retention(self, today: date) -> list[DayInfo]:
        """Drop the days that their retention class no longer keeps; returns what was dropped."""

    def close(self) -> None:
        """Release files and threads."""
