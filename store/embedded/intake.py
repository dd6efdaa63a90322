"""Writes batches of events: each to the index of its class and day, each id once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from events import Event, field_table, now_ms
from store.embedded.ids import held_ids
from store.embedded.layout import folder_of, list_indexes
from store.embedded.reader import OpenIndexes
from store.embedded.writer import IndexWriters
from store.errors import StoreError
from store.event_store import RejectedEvent, WriteResult
from store.placement import Arrival, IndexKey, place, possible_days
from store.retention import StoragePolicy


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
        placed, rejected = place(events, self._policy)
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

    def _fresh(self, key: IndexKey, arrivals: list[Arrival], held: set[IndexKey]) -> list[Arrival]:
        """The arrivals whose id is held nowhere they can have gone to, and the first of each id among them."""
        fresh = {arrival.event_id: arrival for arrival in reversed(arrivals)}
        days = possible_days(key, arrivals)
        for home in held:
            if home.day in days and (index := self._indexes.get(home)):
                for event_id in held_ids(index.schema, index.searcher(), fresh):
                    del fresh[event_id]
        return list(fresh.values())[::-1]

    def _commit(self, key: IndexKey, fresh: list[Arrival]) -> list[RejectedEvent]:
        """Write events to their index; returns those that the engine refuses."""
        received = now_ms() if key.day is None else None
        rejected = []
        try:
            writer = self.writers.get(key)
            for arrival in fresh:
                try:
                    writer.add(writer.document(arrival.event, (arrival.moment_ms, arrival.event_id), received))
                except (ValueError, TypeError) as error:
                    detail = f"the event store can't hold the event ({type(error).__name__}); look at its field names"
                    rejected.append(RejectedEvent(arrival.position, detail))
            writer.commit()
        except (OSError, ValueError, RuntimeError) as error:
            self.writers.abandon(key)
            raise StoreError(
                f"{folder_of(self._root, key)}: can't be written ({error}); make space, write again"
            ) from error
        return rejected
