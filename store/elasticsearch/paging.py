"""Searches, page by page, over a view that stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from elasticsearch import ApiError, NotFoundError

from events import Event
from store.cursor import damaged_cursor, decode_cursor, encode_cursor
from store.elasticsearch.answers import Shortfall, closed_shortfall, refused, shortfall_of
from store.elasticsearch.catalog import Catalog
from store.elasticsearch.connection import Connection
from store.elasticsearch.document import event_of
from store.elasticsearch.freshness import Unseen
from store.elasticsearch.moments import KEEP, PointsInTime
from store.elasticsearch.scope import Scope, scope_of
from store.elasticsearch.settings import ElasticsearchSettings
from store.errors import StoreError
from store.event_store import Order, Page, Window
from store.query.tree import Query


@dataclass(frozen=True, slots=True)
class _Start:
    """Where a page begins: behind which place, in which view; the first page's total, and whether all were whole."""

    after: list[Any] | None = None
    token: str | None = None
    total: int | None = None
    is_whole: bool = True

    def shortfall(self) -> Shortfall | None:
        """What the pages before lacked."""
        return None if self.is_whole else Shortfall("an earlier page of this search is partial", is_slow=False)


class Pager:
    """Answers searches."""

    def __init__(
        self, connection: Connection, catalog: Catalog, unseen: Unseen, settings: ElasticsearchSettings
    ) -> None:
        """Nothing is asked before a search."""
        self._connection = connection
        self._catalog = catalog
        self._unseen = unseen
        self._seconds = settings.search_seconds
        self.views = PointsInTime(connection)

    def page(self, query: Query, window: Window, limit: int, order: Order, cursor: str | None) -> Page:
        """One page; see ``ElasticsearchEventStore.search``."""
        start, page = _start_of(cursor), None
        scope = scope_of(self._catalog, self._unseen, query, window)
        try:
            page = self._within(scope, query, limit, order, start)
        except (ApiError, StoreError):
            if self._catalog.holds(scope.names):
                raise
        if page is None or (page.incomplete and not self._catalog.holds(scope.names)):
            return self.page(query, window, limit, order, cursor)  # a day was dropped meanwhile: again without it
        return page

    def _within(self, scope: Scope, query: Query, limit: int, order: Order, start: _Start) -> Page:
        if not scope.indexes:
            return _page([], None, 0, closed_shortfall(scope.closed))
        body = self._body(scope, query, limit, order, start)
        view, answer = self._search(scope, body, start.token)
        hits = answer["hits"]["hits"]
        total = start.total if start.total is not None else answer["hits"]["total"]["value"]
        shortfall = shortfall_of(answer, self._seconds) or closed_shortfall(scope.closed) or start.shortfall()
        if len(hits) <= limit:
            self.views.end(start.token, view)
            return _page(hits, None, total, shortfall)
        place = hits[limit - 1]["sort"]
        view_token = self.views.keep(start.token, view)
        following = encode_cursor((place[0], place[1], view_token, total, shortfall is None))
        return _page(hits[:limit], following, total, shortfall)

    def _body(self, scope: Scope, query: Query, limit: int, order: Order, start: _Start) -> dict[str, Any]:
        direction = "desc" if order == "newest" else "asc"
        body: dict[str, Any] = {
            "query": scope.bounded(query),
            "size": limit + 1,
            "sort": [{"@timestamp": {"order": direction, "numeric_type": "date"}}, {"event.id": direction}],
            "track_total_hits": start.total is None,
            "timeout": f"{round(self._seconds * 1000)}ms",
        }
        if start.after is not None:
            body["search_after"] = start.after
        if scope.checks.fields:
            body["runtime_mappings"] = scope.checks.fields
        return body

    def _search(self, scope: Scope, body: dict[str, Any], token: str | None) -> tuple[str, Any]:
        """The view searched and the answer; in a new view where the old one has ended or lost a shard."""
        known = self.views.find(token) if token is not None else None
        if known is not None:
            try:
                answer = self._ask(known, body)
            except NotFoundError:
                answer = None
            if answer is not None and not answer["_shards"].get("failures"):
                return str(answer.get("pit_id", known)), answer
            self.views.close(known)
        view = self.views.open(scope.indexes)
        answer = self._ask(view, body)
        return str(answer.get("pit_id", view)), answer

    def _ask(self, view: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 (the client's answer)
        try:
            return self._connection.client.search(**body, pit={"id": view, "keep_alive": KEEP})
        except NotFoundError:
            raise
        except ApiError as error:
            raise refused(error) from error


def _start_of(cursor: str | None) -> _Start:
    if cursor is None:
        return _Start()
    match decode_cursor(cursor):
        case [int(moment_ms), str(event_id), str(token), int(total), bool(is_whole)]:
            return _Start([moment_ms, event_id], token, total, is_whole)
    raise damaged_cursor()


def _page(hits: list[Any], following: str | None, total: int, shortfall: Shortfall | None) -> Page:
    events: list[Event] = [event_of(hit["_source"]) for hit in hits]
    return Page(events, following, total, shortfall is None, shortfall.note if shortfall else None)
