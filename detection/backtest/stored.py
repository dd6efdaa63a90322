"""Events out of the store for rules that are to be run over the past."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from detection.rules import Rule
from detection.telemetry import candidates_query
from store import EventStore, Page, Window

_PAGE_EVENTS = 1_000


def stored_pages(store: EventStore, rules: Iterable[Rule], window: Window) -> Iterator[Page]:
    """The events of a window that any of the rules can match, oldest first, a page at a time.

    The store only narrows down; whether a rule matches is for the matcher to say.

    Raises:
        StoreError: the store can't answer.
    """
    query, cursor = candidates_query(rules), None
    while True:
        page = store.search(query, window, limit=_PAGE_EVENTS, order="oldest", cursor=cursor)
        yield page
        cursor = page.next_cursor
        if cursor is None:
            return
