"""The event store in one process's folder: tantivy, one index a retention class and day."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import IO, Literal

import tantivy

from events import Event
from store.aggregation import read_aggregations
from store.cursor import Place, damaged_cursor, decode_cursor, encode_cursor
from store.embedded.aggregate import Aggregator
from store.embedded.intake import Intake
from store.embedded.layout import clear_remains, drop_index, folder_bytes, folder_of, list_indexes, lock_for_writing
from store.embedded.reader import OpenIndexes
from store.embedded.schema import RECEIVED
from store.embedded.snapshot import Snapshot
from store.errors import QueryError, StoreError
from store.event_store import DayInfo, Order, Page, Window, WriteResult
from store.placement import IndexKey, day_start
from store.query.tree import Query
from store.retention import KEEP_EVERYTHING, StoragePolicy

MAX_PAGE = 10_000


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
        self._intake: Intake | None = None
        self._writing = threading.Lock()
        self._indexes = OpenIndexes(self._root)
        if mode == "write":
            self._lock = lock_for_writing(self._root)
            clear_remains(self._root)
            self._intake = Intake(self._root, self._indexes, policy)

    def write(self, events: Sequence[Event]) -> WriteResult:
        """Create events by their ``event.id``; on return they are on disk. An id already held is left as it is.

        An event without a readable ``@timestamp`` or a lower-case ASCII ``event.id`` is rejected. When this raises,
        some of the events may be held; writing all of them again makes it whole.

        Raises:
            StoreError: the store is open to read only, or the disk refuses.
        """
        with self._writing:
            return self._writing_only().write(events)

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
        after = _place(cursor) if cursor is not None else None
        snapshot = Snapshot(self._root, self._indexes, window)
        found = list(islice(snapshot.events(query, newest=order == "newest", after=after), limit + 1))
        total, is_exact = snapshot.total(query)
        following = encode_cursor(found[limit - 1][0]) if len(found) > limit else None
        return Page([event for _place, event in found[:limit]], following, total, is_exact, snapshot.incomplete)

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
        found = Snapshot(self._root, self._indexes, window).get(ids)
        return [found[event_id] for event_id in ids if event_id in found]

    def days(self) -> list[DayInfo]:
        """The indexes held, oldest first; implausible times last."""
        infos = []
        for key in list_indexes(self._root):
            if index := self._indexes.get(key):
                with suppress(FileNotFoundError):  # dropped since
                    size = folder_bytes(folder_of(self._root, key))
                    infos.append(DayInfo(key.retention_class, key.day, index.searcher().num_docs, size))
        return infos

    def apply_retention(self, today: date) -> list[DayInfo]:
        """Drop the days that their retention class no longer keeps; returns what was dropped.

        Events with implausible times are kept as long from the day they were stored.
        """
        with self._writing:
            intake, dropped = self._writing_only(), []
            for info in self.days():
                key = IndexKey(info.retention_class, info.day)
                if key.day is None:
                    dropped.extend(self._thin_implausible(key, today))
                elif self._policy.expired(info.retention_class, key.day, today):
                    intake.writers.release(key)
                    drop_index(self._root, key)
                    self._indexes.forget(key)
                    dropped.append(info)
            return dropped

    def close(self) -> None:
        """Release files and threads; the store can't be used afterwards."""
        with self._writing:
            if self._intake:
                self._intake.writers.close()
                self._intake = None
            self._indexes.close()
            if self._lock:
                self._lock.close()
                self._lock = None

    def _writing_only(self) -> Intake:
        if self._intake is None:
            raise StoreError(f"{self._root}: the event store is not open to write; open it with mode='write'")
        return self._intake

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
        self._writing_only().writers.get(key).delete(query)
        return [DayInfo(key.retention_class, None, number, 0)]


def _place(cursor: str) -> Place:
    match decode_cursor(cursor):
        case [moment_ms, event_id]:
            return moment_ms, event_id
    raise damaged_cursor()
