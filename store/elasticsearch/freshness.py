"""What this process wrote and searches don't see yet: Elasticsearch shows documents after a refresh of their index.

A refresh after every batch would cost more than the batch. So an index is refreshed when it is asked for and this
process has written to it since; other processes see documents within Elasticsearch's refresh interval.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from store.elasticsearch.catalog import Catalog
from store.elasticsearch.connection import Connection
from store.placement import IndexKey


class Unseen:
    """The indexes written to since their last refresh. Safe between threads."""

    def __init__(self, connection: Connection, catalog: Catalog) -> None:
        """None as yet."""
        self._connection = connection
        self._catalog = catalog
        self._keys: set[IndexKey] = set()
        self._guard = threading.Lock()

    def add(self, keys: Iterable[IndexKey]) -> None:
        """Indexes are being written to."""
        with self._guard:
            self._keys.update(keys)

    def show(self, keys: Iterable[IndexKey]) -> None:
        """Refresh those of some indexes that have been written to."""
        with self._guard:
            due = self._keys.intersection(keys)
            self._keys -= due
        if due:
            expression = self._catalog.names.expression(sorted(due, key=str))
            try:
                self._connection.client.indices.refresh(index=expression, ignore_unavailable=True)
            except BaseException:
                self.add(due)
                raise
