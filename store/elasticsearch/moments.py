"""Points in time: views of indexes that stay as they are while someone pages through them."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress

from elastic_transport import TransportError
from elasticsearch import ApiError

from store.elasticsearch.connection import Connection

KEEP = "2m"
_MOST = 50
_TOKEN_BYTES = 9


class PointsInTime:
    """The views under way, by a token that stands in cursors. Safe between threads.

    Elasticsearch's own ids grow with the number of shards, to sizes that no address of a page can hold.
    """

    def __init__(self, connection: Connection) -> None:
        """None as yet."""
        self._connection = connection
        self._ids: OrderedDict[str, str] = OrderedDict()
        self._guard = threading.Lock()

    def open(self, indexes: Sequence[str]) -> str:
        """The id of a new view; what can't be seen of it shows when it is searched."""
        answer = self._connection.client.open_point_in_time(
            index=list(indexes), keep_alive=KEEP, ignore_unavailable=True, allow_partial_search_results=True
        )
        return str(answer["id"])

    def find(self, token: str) -> str | None:
        """The view of a token, None when it has ended or belongs to another process."""
        with self._guard:
            return self._ids.get(token)

    def keep(self, token: str | None, view: str) -> str:
        """Keep a view for the next page; returns its token."""
        token = token or secrets.token_urlsafe(_TOKEN_BYTES)
        with self._guard:
            self._ids[token] = view
            self._ids.move_to_end(token)
            oldest = self._ids.popitem(last=False)[1] if len(self._ids) > _MOST else None
        if oldest:
            self.close(oldest)
        return token

    def end(self, token: str | None, view: str) -> None:
        """The last page has been given."""
        if token is not None:
            with self._guard:
                self._ids.pop(token, None)
        self.close(view)

    def close(self, view: str) -> None:
        """Close a view; one that can't be closed ends by itself."""
        with suppress(ApiError, TransportError):
            self._connection.client.close_point_in_time(id=view)

    def close_all(self) -> None:
        """Close every view."""
        while self._ids:
            self.close(self._ids.popitem()[1])
