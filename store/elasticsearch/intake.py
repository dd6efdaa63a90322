"""Writes batches of events: each to the index of its class and day, each id once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

import orjson

from events import Event, format_timestamp, now_ms
from store.elasticsearch.bulk import BulkRequests, Line, Outcome, line_of
from store.elasticsearch.catalog import Catalog, Types
from store.elasticsearch.connection import Connection
from store.elasticsearch.document import DocumentBuilder
from store.elasticsearch.earlier import EarlierHomes
from store.elasticsearch.freshness import Unseen
from store.elasticsearch.settings import ElasticsearchSettings
from store.event_store import RejectedEvent, WriteResult
from store.placement import Arrival, IndexKey, place
from store.retention import StoragePolicy


class Intake:
    """The writing side of a store."""

    def __init__(
        self,
        connection: Connection,
        catalog: Catalog,
        unseen: Unseen,
        settings: ElasticsearchSettings,
        policy: StoragePolicy,
    ) -> None:
        """Nothing is asked of the cluster before the first batch."""
        self._catalog = catalog
        self._policy = policy
        self._writers = settings.writers
        self._requests = BulkRequests(connection)
        self._threads = ThreadPoolExecutor(settings.writers, "elasticsearch")
        self._made: tuple[Types, DocumentBuilder] | None = None
        self._unseen = unseen
        self._earlier = EarlierHomes(connection, catalog, unseen)

    def write(self, events: Sequence[Event]) -> WriteResult:
        """Create events by id; see ``ElasticsearchEventStore.write``."""
        placed, rejected = place(events, self._policy)
        elsewhere = self._earlier.already_held(placed)
        outcome = Outcome(rejected=rejected)
        for key, ids in elsewhere.items():
            fresh = [arrival for arrival in placed[key] if arrival.event_id not in ids]
            outcome.existing += len(placed[key]) - len(fresh)
            placed[key] = fresh
        try:
            outcome.add(self._create(self._lines(placed, rejected)))
        finally:
            self._unseen.add(placed)
        outcome.rejected.sort(key=lambda refusal: refusal.index)
        return WriteResult(outcome.created, outcome.existing, outcome.rejected)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown()

    def _lines(self, placed: dict[IndexKey, list[Arrival]], rejected: list[RejectedEvent]) -> Iterator[Line]:
        """The lines of all arrivals; what can't be written as a document is rejected."""
        for key, arrivals in placed.items():
            builder = self._builder(self._catalog.types_for_writing(key))
            name = self._catalog.names.name(key)
            received = None if key.day else format_timestamp(now_ms())
            begin = b'{"create":{"_index":' + orjson.dumps(name) + b',"_id":'
            for arrival in arrivals:
                try:
                    document = builder.document(arrival.event, received)
                except (ValueError, TypeError) as error:
                    detail = f"the event store can't hold the event ({type(error).__name__}); look at its field names"
                    rejected.append(RejectedEvent(arrival.position, detail))
                else:
                    yield line_of(arrival.position, begin + orjson.dumps(arrival.event_id) + b"}}", document)

    def _builder(self, types: Types) -> DocumentBuilder:
        """What makes documents for some typed fields; nearly always the same."""
        if self._made is None or self._made[0] is not types:
            self._made = (types, DocumentBuilder(types))
        return self._made[1]

    def _create(self, lines: Iterator[Line]) -> Outcome:
        """Send lines in requests of the present size, several at once; ends when all have been answered.

        Raises:
            StoreError: the cluster can't take some of them now.
        """
        outcome = Outcome()
        underway: set[Future[Outcome]] = set()
        try:
            for chunk in self._requests.chunks(lines):
                underway.add(self._threads.submit(self._requests.create, chunk))
                if len(underway) > self._writers:
                    done, underway = wait(underway, return_when=FIRST_COMPLETED)
                    for each in done:
                        outcome.add(each.result())
        finally:
            wait(underway)
        for each in underway:
            outcome.add(each.result())
        return outcome
