"""Writes batches of events: each to the index of its class and day, each id once."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from events import Event, field_table, now_ms
from store.embedded.ids import held_ids
from store.embedded.layout import folder_of, list_indexes
from store.embedded.reader import OpenIndexes
from store.embedded.writer import IndexWriter, IndexWriters
from store.errors import StoreError
from store.event_store import RejectedEvent, WriteResult
from store.placement import Arrival, IndexKey, place, possible_days
from store.retention import StoragePolicy

_COMMITS_AT_ONCE = 2
"""Fewer than there are open writers, so that none is closed while it commits."""


class Intake:
    """The writing side of a store."""

    def __init__(self, root: Path, indexes: OpenIndexes, policy: StoragePolicy) -> None:
        """Whoever makes one holds the store's lock."""
        self._root = root
        self._indexes = indexes
        self._policy = policy
        self.writers = IndexWriters(root, field_table().types)

    def write(self, events: Sequence[Event]) -> WriteResult:
        """Create events by id; see ``EmbeddedEventStore.write``.

        While an index commits, which the interpreter has no part in, the documents of the next one are built.
        """
        placed, rejected = place(events, self._policy)
        held = set(list_indexes(self._root))
        taken: dict[IndexKey, set[str]] = {}
        commits: deque[Future[None]] = deque()
        with ThreadPoolExecutor(_COMMITS_AT_ONCE) as threads:
            for key in sorted(placed, key=lambda key: len(placed[key]), reverse=True):
                if fresh := self._fresh(key, placed[key], held, taken):
                    if len(commits) == _COMMITS_AT_ONCE:
                        commits.popleft().result()
                    refused = self._add(key, fresh)
                    rejected.extend(refused.values())
                    taken[key] = {arrival.event_id for arrival in fresh} - {*refused}
                    commits.append(threads.submit(self._commit, key, self.writers.get(key)))
            while commits:
                commits.popleft().result()
        created = sum(map(len, taken.values()))
        rejected.sort(key=lambda refusal: refusal.index)
        return WriteResult(created, len(events) - created - len(rejected), rejected)

    def _fresh(
        self, key: IndexKey, arrivals: list[Arrival], held: set[IndexKey], taken: Mapping[IndexKey, set[str]]
    ) -> list[Arrival]:
        """The arrivals whose id is held, or just taken, nowhere they can have gone to; the first of each id."""
        fresh = {arrival.event_id: arrival for arrival in reversed(arrivals)}
        days = possible_days(key, arrivals)
        for home, event_ids in taken.items():
            if home.day in days:
                for event_id in event_ids & fresh.keys():
                    del fresh[event_id]
        for home in held:
            if home.day in days and (index := self._indexes.get(home)):
                for event_id in held_ids(index, index.searcher(), fresh):
                    del fresh[event_id]
        return list(fresh.values())[::-1]

    def _add(self, key: IndexKey, fresh: list[Arrival]) -> dict[str, RejectedEvent]:
        """Give events to the writer of their index; returns those that the engine refuses, by id."""
        received = now_ms() if key.day is None else None
        refused = {}
        try:
            writer = self.writers.get(key)
            for arrival in fresh:
                try:
                    writer.add(writer.document(arrival.event, (arrival.moment_ms, arrival.event_id), received))
                except (ValueError, TypeError) as error:
                    detail = f"the event store can't hold the event ({type(error).__name__}); look at its field names"
                    refused[arrival.event_id] = RejectedEvent(arrival.position, detail)
        except (OSError, ValueError, RuntimeError) as error:
            raise self._abandoned(key, error) from error
        return refused

    def _commit(self, key: IndexKey, writer: IndexWriter) -> None:
        try:
            writer.commit()
        except (OSError, ValueError, RuntimeError) as error:
            raise self._abandoned(key, error) from error

    def _abandoned(self, key: IndexKey, error: Exception) -> StoreError:
        self.writers.abandon(key)
        return StoreError(f"{folder_of(self._root, key)}: can't be written ({error}); make space, write again")
