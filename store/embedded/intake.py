"""Writes batches of events: each to the index of its class and day, each id once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import tantivy

from events import Event, field_table, now_ms, timestamp_ms
from store.embedded.document import document_of
from store.embedded.layout import IndexKey, list_indexes
from store.embedded.order import DAY_DIGITS, IMPLAUSIBLE_DIGITS, order_number
from store.embedded.reader import OpenIndexes
from store.embedded.schema import ORDER, RECEIVED
from store.embedded.search import DAY_MS
from store.embedded.writer import IndexWriter, IndexWriters
from store.errors import StoreError
from store.event_store import RejectedEvent, WriteResult
from store.retention import StoragePolicy

_MAX_ID_CHARS = 512


@dataclass(frozen=True, slots=True)
class _Arrival:
    """An event to be written, with its place in the batch."""

    position: int
    event: Event
    event_id: str
    moment_ms: int


class Intake:
    """The writing side of a store."""

    def __init__(self, root: Path, indexes: OpenIndexes, policy: StoragePolicy) -> None:
        """Whoever makes one holds the store's lock."""
        self._root = root
        self._indexes = indexes
        self._policy = policy
        self.writers = IndexWriters(root, field_table().types)

    def write(self, events: Sequence[Event]) -> WriteResult:
        """Create events by id; see ``EmbeddedEventStore.write``."""
        placed, rejected = self._place(events)
        held = set(list_indexes(self._root))
        created = 0
        for key, arrivals in placed.items():
            if fresh := self._fresh(key, arrivals, held):
                refused = self._commit(key, fresh)
                rejected.extend(refused)
                created += len(fresh) - len(refused)
                held.add(key)
        rejected.sort(key=lambda refusal: refusal.index)
        return WriteResult(created, len(events) - created - len(rejected), rejected)

    def _place(self, events: Sequence[Event]) -> tuple[dict[IndexKey, list[_Arrival]], list[RejectedEvent]]:
        """The events by the index they belong to, and those that belong to none."""
        placed: dict[IndexKey, list[_Arrival]] = defaultdict(list)
        rejected = []
        present = now_ms()
        for position, event in enumerate(events):
            arrival = _arrival(position, event)
            if isinstance(arrival, RejectedEvent):
                rejected.append(arrival)
                continue
            retention_class = self._policy.class_of(str(event.get("event.dataset", "")))
            plausible = self._policy.plausible.include(arrival.moment_ms, present)
            placed[IndexKey(retention_class, _day_of(arrival.moment_ms) if plausible else None)].append(arrival)
        return placed, rejected

    def _fresh(self, key: IndexKey, arrivals: list[_Arrival], held: set[IndexKey]) -> list[_Arrival]:
        """The arrivals whose id is held nowhere yet, and the first of each id among them.

        The clock or the policy may have changed since an event was first written: every index that it can have gone
        to is asked.
        """
        days = {None, key.day} if key.day else {None, *(_day_of(arrival.moment_ms) for arrival in arrivals)}
        opened = [self._indexes.get(home) for home in held if home.day in days]
        searchers = [index.searcher() for index in opened if index]
        fresh: dict[str, _Arrival] = {}
        for arrival in arrivals:
            if arrival.event_id not in fresh and not _is_held(searchers, arrival.event_id):
                fresh[arrival.event_id] = arrival
        return list(fresh.values())

    def _commit(self, key: IndexKey, fresh: list[_Arrival]) -> list[RejectedEvent]:
        """Write events to their index; returns those that the engine refuses."""
        try:
            writer = self.writers.get(key)
            documents, rejected = [], []
            for arrival in fresh:
                try:
                    documents.append(_document(writer, key, arrival))
                except (ValueError, TypeError) as error:
                    detail = f"the event store can't hold the event ({type(error).__name__}); look at its field names"
                    rejected.append(RejectedEvent(arrival.position, detail))
            writer.commit(documents)
        except (OSError, ValueError, RuntimeError) as error:
            self.writers.abandon(key)
            raise StoreError(
                f"{key.folder(self._root)}: can't be written ({error}); make space, write again"
            ) from error
        return rejected


def _arrival(position: int, event: Event) -> _Arrival | RejectedEvent:
    event_id = event.get("event.id")
    if not isinstance(event_id, str) or not _is_id(event_id):
        detail = f"event.id must be 1 to {_MAX_ID_CHARS} lower-case ASCII characters; give the event its id"
        return RejectedEvent(position, detail)
    try:
        return _Arrival(position, event, event_id, timestamp_ms(str(event.get("@timestamp"))))
    except (ValueError, TypeError, OverflowError):
        return RejectedEvent(position, "@timestamp is missing or no time; write it as 2026-01-31T08:15:30.123Z")


def _is_id(text: str) -> bool:
    return 0 < len(text) <= _MAX_ID_CHARS and text.isascii() and text == text.lower()


def _is_held(searchers: list[tantivy.Searcher], event_id: str) -> bool:
    return any(searcher.doc_freq("event.id", event_id) for searcher in searchers)


def _document(writer: IndexWriter, key: IndexKey, arrival: _Arrival) -> tantivy.Document:
    fields: dict[str, Any] = document_of(arrival.event, writer.types)
    digits = DAY_DIGITS if key.day else IMPLAUSIBLE_DIGITS
    fields[ORDER] = order_number((arrival.moment_ms, arrival.event_id), digits)
    if key.day is None:
        fields[RECEIVED] = now_ms()
    return writer.document(fields)


def _day_of(moment_ms: int) -> date:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=moment_ms // DAY_MS)).date()
