"""Searches of the event store on a caller's behalf: the query read, the range fixed, the search recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from api.access import signed_in
from api.caller import Caller
from api.dependencies import ApiDependencies
from api.moments import TimeRange
from api.problems import ProblemError, not_found
from api.signing import decode_cursor, encode_cursor
from audit import AuditEntry, record
from classification.masking import mask_text
from classification.text import text_scanner
from events import Event
from store.event_store import Order, Page, Window
from store.query import Query, parse_query


@dataclass(frozen=True, slots=True)
class EventSearch:
    """A query in Lucene syntax over a range of the events' own time; empty text is every event."""

    text: str = ""
    start: str = ""
    end: str = ""
    order: Order = "newest"

    def window(self, dependencies: ApiDependencies) -> Window:
        """The range in milliseconds.

        Raises:
            ProblemError: a time can't be read.
        """
        try:
            return TimeRange(self.start, self.end, dependencies.settings.time_zone).window()
        except ValueError as error:
            raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_time", str(error)) from error

    def query(self) -> Query:
        """The query tree.

        Raises:
            QuerySyntaxError: the text is no query; says where and why.
        """
        return parse_query(self.text)


def search_events(
    dependencies: ApiDependencies, search: EventSearch, window: Window, limit: int, cursor: str | None
) -> tuple[Page, str | None]:
    """One page of matching events, and the signed cursor of the next."""
    purpose = f"events:{search.order}:{search.start}:{search.end}:{search.text}"
    position = decode_cursor(dependencies.secret_key, purpose, cursor) if cursor else None
    inner: str | None = None
    if position:
        # A range relative to now stays where it was while its pages are turned.
        window, inner = Window(position[0], position[1]), position[2]
    page = dependencies.events.search(search.query(), window, limit=limit, order=search.order, cursor=inner)
    following = [window.start_ms, window.end_ms, page.next_cursor]
    return page, encode_cursor(dependencies.secret_key, purpose, following) if page.next_cursor else None


def aggregate_events(
    dependencies: ApiDependencies, search: EventSearch, window: Window, aggregations: Mapping[str, Any]
) -> dict[str, Any]:
    """Aggregations over matching events, in Elasticsearch's JSON form."""
    return dependencies.events.aggregate(search.query(), window, aggregations)


def read_event(dependencies: ApiDependencies, caller: Caller, event_id: str, window: Window) -> Event:
    """One event in full; that it was read is noted in the trail first, since it may tell of people.

    Raises:
        ProblemError: the store holds no such event in the window.
    """
    found = dependencies.events.get([event_id], window)
    if not found:
        raise not_found("event", "The store holds no event of this id; its day may have been dropped")
    entry = AuditEntry(
        signed_in(caller).actor,
        "event:read",
        "event",
        event_id,
        request_id=caller.origin.request_id,
        source_address=caller.origin.source_address,
    )
    with dependencies.records.begin() as session:
        record(session, entry)
    return found[0]


def record_search(dependencies: ApiDependencies, caller: Caller, search: EventSearch, window: Window) -> None:
    """Note in the trail who searched for what, masked; what was found is not noted."""
    asked = mask_text(search.text, text_scanner())
    entry = AuditEntry(
        signed_in(caller).actor,
        "event:search",
        "event",
        after={"query": asked, "start_ms": window.start_ms, "end_ms": window.end_ms},
        request_id=caller.origin.request_id,
        source_address=caller.origin.source_address,
    )
    with dependencies.records.begin() as session:
        record(session, entry)
