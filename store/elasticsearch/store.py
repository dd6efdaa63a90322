"""The event store in an Elasticsearch cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

from events import Event
from store.elasticsearch.aggregate import Aggregator
from store.elasticsearch.catalog import Catalog
from store.elasticsearch.connection import Connection
from store.elasticsearch.freshness import Unseen
from store.elasticsearch.intake import Intake
from store.elasticsearch.inventory import Inventory
from store.elasticsearch.keeping import Keeper
from store.elasticsearch.merging import Merger
from store.elasticsearch.paging import Pager
from store.elasticsearch.settings import ElasticsearchSettings
from store.elasticsearch.templates import MAX_PAGE
from store.errors import QueryError, StoreError
from store.event_store import DayInfo, Order, Page, Window, WriteResult
from store.query.tree import Or, Query, Term
from store.retention import KEEP_EVERYTHING, StoragePolicy

_IDS_A_QUERY = 5_000


class ElasticsearchEventStore:
    """The engine for many machines; implements ``EventStore``.

    Any number of processes may write and read. What a process has written it finds at once itself; others find it
    within Elasticsearch's refresh interval. Safe between threads.
    """

    def __init__(
        self,
        settings: ElasticsearchSettings,
        mode: Literal["read", "write"] = "write",
        policy: StoragePolicy = KEEP_EVERYTHING,
    ) -> None:
        """Prepare; the cluster is asked for nothing before the first call, so it may be down meanwhile.

        Args:
            settings: where the cluster is and what its indexes are like.
            mode: ``write`` (search as well) or ``read``.
            policy: where events go and how long they stay, only used for writing.

        Raises:
            StoreError: a credential is missing.
        """
        self._connection = Connection(settings)
        self._policy = policy
        self._catalog = Catalog(self._connection, settings)
        self._unseen = Unseen(self._connection, self._catalog)
        shared = (self._connection, self._catalog, self._unseen, settings)
        self._pager, self._aggregator = Pager(*shared), Aggregator(*shared)
        self._inventory = Inventory(self._connection, self._catalog, self._unseen)
        self._keeper = Keeper(self._connection, self._catalog, self._inventory, settings)
        self._merger = Merger(self._connection, self._catalog)
        self._intake = Intake(*shared, policy) if mode == "write" else None

    def write(self, events: Sequence[Event]) -> WriteResult:
        """Create events by their ``event.id``; on return they are on the disk of every copy that is there.

        An event without a readable ``@timestamp`` or a lower-case ASCII ``event.id`` is rejected, and so is one that
        Elasticsearch refuses, with its reason. When this raises, some of the events may be held; writing all of them
        again makes it whole. An id already held is left as it is.

        Raises:
            StoreError: the store is open to read only, or the cluster can't take events now.
        """
        with self._connection.telling():
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
        """One page of the matching events, of the events that were there when the first page was asked for.

        A view ends two minutes after its last page, and with its process; the search then goes on at the same place
        over the events that are there by then.

        Raises:
            QueryError: the query can't be answered by its field's type.
            CursorError: the cursor is damaged.
            StoreError: the cluster doesn't answer.
        """
        if not 0 < limit <= MAX_PAGE:
            raise QueryError(f"limit {limit}: between 1 and {MAX_PAGE:,}")
        with self._connection.telling():
            return self._pager.page(query, window, limit, order, cursor)

    def aggregate(self, query: Query, window: Window, aggregations: Mapping[str, object]) -> dict[str, object]:
        """Aggregations over the matching events; request and answer in Elasticsearch's JSON form.

        Supported is what the embedded engine supports, but for a composite below another aggregation. More
        than 1,000 distinct values are an estimate, which ``value_is_estimate`` says.

        Raises:
            QueryError: an aggregation or one of its options isn't supported, or the answer would take too long.
            StoreError: the cluster doesn't answer, or a part of it.
        """
        with self._connection.telling():
            return self._aggregator.answer(query, window, aggregations)

    def get(self, ids: Sequence[str], window: Window = Window()) -> list[Event]:  # noqa: B008 (frozen, no state)
        """The events with these ids, in the order asked for; ids that are not held are left out.

        Raises:
            StoreError: the cluster doesn't answer, or a part of it.
        """
        found: dict[str, Event] = {}
        wanted = list(dict.fromkeys(ids))
        for start in range(0, len(wanted), _IDS_A_QUERY):
            terms = tuple(Term("event.id", event_id) for event_id in wanted[start : start + _IDS_A_QUERY])
            page = self.search(Or(terms), window, limit=len(terms))
            if page.incomplete:
                raise StoreError(f"{self._connection.where}: {page.incomplete}; ask again")
            found |= {str(event["event.id"]): event for event in page.events}
        return [found[event_id] for event_id in ids if event_id in found]

    def days(self) -> list[DayInfo]:
        """The indexes held, oldest first; implausible times last; ``incomplete`` where one doesn't answer for all.

        Raises:
            StoreError: the cluster doesn't answer.
        """
        with self._connection.telling():
            return self._inventory.days()

    def apply_retention(self, today: date) -> list[DayInfo]:
        """Drop the days that their retention class no longer keeps, and tend others: their tier, their merge.

        Events with implausible times are kept as long from the day they were stored.

        Raises:
            StoreError: the store is open to read only, or the cluster doesn't answer.
        """
        self._writing_only()
        with self._connection.telling():
            dropped = self._keeper.drop_expired(self._policy, today)
            self._keeper.move_to_tiers(today)
            if self._policy.merging:
                self._merger.merge_next(self._policy.merging, today)
            return dropped

    def close(self) -> None:
        """End views, threads and connections; the store can't be used afterwards."""
        if self._intake:
            self._intake.close()
            self._intake = None
        self._pager.views.close_all()
        self._connection.close()

    def _writing_only(self) -> Intake:
        if self._intake is None:
            raise StoreError(
                f"{self._connection.where}: the event store is not open to write; open it with mode='write'"
            )
        return self._intake
