"""The event store in one process's folder: tantivy, one index a retention class and day."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import IO, Any, Literal

import tantivy

from events import Event, field_table, now_ms, timestamp_ms
from store.aggregation import read_aggregations
from store.embedded.aggregate import Aggregator
from store.embedded.document import document_of
from store.embedded.layout import (
    IndexKey,
    clear_remains,
    drop_index,
    folder_bytes,
    list_indexes,
    lock_for_writing,
)
from store.embedded.order import (
    DAY_DIGITS,
    IMPLAUSIBLE_DIGITS,
    decode_cursor,
    encode_cursor,
    order_number,
)
from store.embedded.reader import OpenIndexes
from store.embedded.schema import ORDER, RECEIVED
from store.embedded.search import DAY_MS, day_start
from store.embedded.snapshot import Snapshot
from store.embedded.writer import IndexWriter, IndexWriters
from store.errors import QueryError, StoreError
from store.event_store import DayInfo, Order, Page, RejectedEvent, Window, WriteResult
from store.query.tree import Or, Query, Term
from store.retention import KEEP_EVERYTHING, StoragePolicy

MAX_PAGE = 10_000
_MAX_ID_BYTES = 512
_IDS_A_QUERY = 500


@dataclass(frozen=True, slots=True)
class _Incoming:
    """An event to be written, with its place in the batch."""

    position: int
    event: Event
    event_id: str
    moment_ms: int


class EmbeddedEventStore:
    """The engine for one machine; implements ``EventStore``.

    Events lie under ``path/<retention class>/<day>``. One process may open it to write, any number to read; readers
    see every commit and every new or dropped day. Safe between threads.
    """

    def __init__(
        self, path: Path | str, mode: Literal["read", "write"] = "write", policy: StoragePolicy = KEEP_EVERYTHING
    ) -> None:
        """Open the store, made where it is missing when opened to write.

        Args:
            path: the store's folder.
            mode: ``write`` (search as well) or ``read``.
            policy: where events go and how long they stay, only used for writing.

        Raises:
            StoreLockedError: another process has it open to write.
        """
        self._root = Path(path)
        self._policy = policy
        self._lock: IO[bytes] | None = None
        self._writers: IndexWriters | None = None
        self._writing = threading.Lock()
        if mode == "write":
            self._lock = lock_for_writing(self._root)
            clear_remains(self._root)
            self._writers = IndexWriters(self._root, field_table().types)
        self._indexes = OpenIndexes(self._root)

    def write(self, events: Sequence[Event]) -> WriteResult:
        """Create events by their ``event.id``; on return they are on disk. An id already held is left as it is.

        An event without a readable ``@timestamp`` or a lower-case ``event.id`` is rejected. When this raises, some of
        the events may be held; writing all of them again makes it whole.

        Raises:
            StoreError: the store is open to read only, or the disk refuses.
        """
        with self._writing:
            return self._write(events)

    def _write(self, events: Sequence[Event]) -> WriteResult:
        writers, rejected = self._writing_only(), []
        placed: dict[IndexKey, list[_Incoming]] = defaultdict(list)
        present = now_ms()
        for position, event in enumerate(events):
            incoming = _incoming(position, event)
            if isinstance(incoming, RejectedEvent):
                rejected.append(incoming)
            else:
                placed[self._key(event, incoming.moment_ms, present)].append(incoming)
        created = 0
        held = set(list_indexes(self._root))
        for key, arrivals in placed.items():
            fresh = self._fresh(key, arrivals, held)
            if fresh:
                refused = self._commit(writers, key, fresh)
                rejected.extend(refused)
                created += len(fresh) - len(refused)
                held.add(key)
        rejected.sort(key=lambda refusal: refusal.index)
        return WriteResult(created, len(events) - created - len(rejected), rejected)

    def search(
        self,
        query: Query,
        window: Window,
        *,
        limit: int = 100,
        order: Order = "newest",
        cursor: str | None = None,
    ) -> Page:
        """One page of the matching events.

        Raises:
            QueryError: the query can't be answered by its field's type.
            CursorError: the cursor is damaged.
        """
        if not 0 < limit <= MAX_PAGE:
            raise QueryError(f"limit {limit}: between 1 and {MAX_PAGE:,}")
        after = decode_cursor(cursor) if cursor is not None else None
        snapshot = Snapshot(self._root, self._indexes, window)
        found = list(islice(snapshot.events(query, newest=order == "newest", after=after), limit + 1))
        total = snapshot.count(query)
        following = encode_cursor(found[limit - 1][0]) if len(found) > limit else None
        note = snapshot.incomplete
        return Page([event for _place, event in found[:limit]], following, total, note is None, note)

    def aggregate(self, query: Query, window: Window, aggregations: Mapping[str, object]) -> dict[str, object]:
        """Aggregations over the matching events; request and answer in Elasticsearch's JSON form.

        Supported: terms, date_histogram, histogram, range, date_range, filter, filters, composite, top_hits,
        cardinality, value_count, min, max, sum, avg, stats. Keywords are given in lower case.

        Raises:
            QueryError: an aggregation or one of its options isn't supported, or would not be exact.
        """
        snapshot = Snapshot(self._root, self._indexes, window)
        answer = Aggregator(snapshot).answer(read_aggregations(aggregations), query)
        if snapshot.incomplete:
            raise QueryError(f"{snapshot.incomplete}; the figures would be too low")
        return answer

    def get(self, ids: Sequence[str], window: Window = Window()) -> list[Event]:  # noqa: B008 (frozen, no state)
        """The events with these ids, in the order asked for; ids that are not held are left out."""
        snapshot = Snapshot(self._root, self._indexes, window)
        found: dict[str, Event] = {}
        wanted = list(dict.fromkeys(ids))
        for start in range(0, len(wanted), _IDS_A_QUERY):
            terms = tuple(Term("event.id", event_id) for event_id in wanted[start : start + _IDS_A_QUERY])
            for (_moment, event_id), event in snapshot.events(Or(terms), newest=True):
                found[event_id] = event
        return [found[event_id] for event_id in ids if event_id in found]

    def days(self) -> list[DayInfo]:
        """The indexes held, oldest first; implausible times last."""
        infos = []
        for key in list_indexes(self._root):
            if index := self._indexes.get(key):
                with suppress(FileNotFoundError):  # dropped since
                    size = folder_bytes(key.folder(self._root))
                    infos.append(DayInfo(key.retention_class, key.day, index.searcher().num_docs, size))
        return infos

    def apply_retention(self, today: date) -> list[DayInfo]:
        """Drop the days that their retention class no longer keeps; returns what was dropped.

        Events with implausible times are kept as long from the day they were stored.
        """
        with self._writing:
            writers, dropped = self._writing_only(), []
            for info in self.days():
                key = IndexKey(info.retention_class, info.day)
                if key.day is None:
                    dropped.extend(self._thin_implausible(key, today))
                elif self._policy.expired(info.retention_class, key.day, today):
                    writers.release(key)
                    drop_index(self._root, key)
                    self._indexes.forget(key)
                    dropped.append(info)
            return dropped

    def close(self) -> None:
        """Release files and threads; the store can't be used afterwards."""
        with self._writing:
            if self._writers:
                self._writers.close()
                self._writers = None
            self._indexes.close()
            if self._lock:
                self._lock.close()
                self._lock = None

    def _writing_only(self) -> IndexWriters:
        if self._writers is None:
            raise StoreError(f"{self._root}: the event store is not open to write; open it with mode='write'")
        return self._writers

    def _key(self, event: Event, moment_ms: int, present: int) -> IndexKey:
        retention_class = self._policy.class_of(str(event.get("event.dataset", "")))
        plausible = self._policy.plausible.include(moment_ms, present)
        return IndexKey(retention_class, _day_of(moment_ms) if plausible else None)

    def _fresh(self, key: IndexKey, arrivals: list[_Incoming], held: set[IndexKey]) -> list[_Incoming]:
        """The arrivals whose id is held nowhere yet, and the first of each id among them.

        The clock or the policy may have changed since an event was first written: every index that it can have gone
        to is asked.
        """
        seen: set[str] = set()
        fresh = []
        searchers = {home: index.searcher() for home in held if home.day is None and (index := self._indexes.get(home))}
        days = {key.day} if key.day else {_day_of(arrival.moment_ms) for arrival in arrivals}
        for home in held:
            if home.day in days and (index := self._indexes.get(home)):
                searchers[home] = index.searcher()
        for arrival in arrivals:
            if arrival.event_id in seen:
                continue
            seen.add(arrival.event_id)
            if not any(searcher.doc_freq("event.id", arrival.event_id) for searcher in searchers.values()):
                fresh.append(arrival)
        return fresh

    def _commit(self, writers: IndexWriters, key: IndexKey, fresh: list[_Incoming]) -> list[RejectedEvent]:
        """Write events to their index; returns those that the engine refuses."""
        try:
            writer = writers.get(key)
            documents, rejected = [], []
            for arrival in fresh:
                try:
                    documents.append(_document(writer, key, arrival))
                except (ValueError, TypeError) as error:
                    detail = f"the event store can't hold the event ({type(error).__name__}); look at its field names"
                    rejected.append(RejectedEvent(arrival.position, detail))
            writer.commit(documents)
        except (OSError, ValueError, RuntimeError) as error:
            writers.abandon(key)
            raise StoreError(
                f"{key.folder(self._root)}: can't be written ({error}); free space, then write again"
            ) from error
        return rejected

    def _thin_implausible(self, key: IndexKey, today: date) -> list[DayInfo]:
        """Delete what was stored longer ago than its class keeps."""
        index, kept = self._indexes.get(key), self._policy.days.get(key.retention_class)
        if index is None or kept is None:
            return []
        before = day_start(today - timedelta(days=kept))
        query = tantivy.Query.range_query(
            index.schema, RECEIVED, tantivy.FieldType.Integer, 0, before - 1, use_inverted_index=True
        )
        number = int(index.searcher().search(query, limit=1).count)  # type: ignore[attr-defined]
        if not number:
            return []
        self._writing_only().get(key).delete(query)
        return [DayInfo(key.retention_class, None, number, 0)]


def _incoming(position: int, event: Event) -> _Incoming | RejectedEvent:
    event_id = event.get("event.id")
    if not isinstance(event_id, str) or not event_id or event_id != event_id.lower() or len(event_id) > _MAX_ID_BYTES:
        detail = f"event.id must be 1 to {_MAX_ID_BYTES} characters in lower case; give the event its id"
        return RejectedEvent(position, detail)
    try:
        return _Incoming(position, event, event_id, timestamp_ms(str(event.get("@timestamp"))))
    except (ValueError, TypeError, OverflowError):
        return RejectedEvent(position, "@timestamp is missing or no time; write it as 2026-01-31T08:15:30.123Z")


def _document(writer: IndexWriter, key: IndexKey, arrival: _Incoming) -> tantivy.Document:
    fields: dict[str, Any] = document_of(arrival.event, writer.types)
    digits = DAY_DIGITS if key.day else IMPLAUSIBLE_DIGITS
    fields[ORDER] = order_number((arrival.moment_ms, arrival.event_id), digits)
    if key.day is None:
        fields[RECEIVED] = now_ms()
    return writer.document(fields)


def _day_of(moment_ms: int) -> date:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=moment_ms // DAY_MS)).date()
