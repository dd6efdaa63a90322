"""Open indexes for reading: a bounded number, each showing the latest commit of any process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path

import tantivy

from events import Event
from store.embedded.layout import LAYOUT, META, folder_of, read_types, schema_of
from store.embedded.names import HeldNames
from store.embedded.order import DAY_DIGITS, IMPLAUSIBLE_DIGITS
from store.embedded.schema import EVENT, register_analyzers
from store.embedded.stored import stored_event
from store.errors import StoreError
from store.placement import IndexKey

_MAX_OPEN = 400
"""An open index takes some 100 KB, opening one a millisecond."""


class OpenIndex:
    """One index, open for reading."""

    def __init__(self, key: IndexKey, folder: Path, layout: int = LAYOUT) -> None:
        """Open the index in ``folder``; FileNotFoundError when it is gone."""
        self.key = key
        self.digits = DAY_DIGITS if key.day else IMPLAUSIBLE_DIGITS
        self._folder, self._meta = folder, folder / META
        self._seen = self._state()
        self.types = read_types(folder, layout)
        self._index = tantivy.Index.open(str(folder))
        self._index.config_reader("manual")
        register_analyzers(self._index)
        self.schema = schema_of(folder) if layout == LAYOUT else self._index.schema
        self._names = HeldNames(folder)

    def searcher(self) -> tantivy.Searcher:
        """A view of the latest commit that stays as it is."""
        state = self._state()
        if state != self._seen:
            self._index.reload()
            self._names.look()
            self._seen = state
        return self._index.searcher()

    def event(self, searcher: tantivy.Searcher, address: tantivy.DocAddress) -> Event:
        """The event at an address of a view.

        Raises:
            StoreError: its names are not kept.
        """
        content = searcher.doc(address).get_first(EVENT) or b"{}"
        try:
            return stored_event(content, self._names.lists)
        except KeyError:  # of a commit after the last look, which another thread's view has
            self._names.look()
        try:
            return stored_event(content, self._names.lists)
        except KeyError as error:
            raise StoreError(f"{self._folder}: lacks names of fields ({error}); restore it from a backup") from error

    def _state(self) -> tuple[int, int]:
        status = self._meta.stat()
        return status.st_mtime_ns, status.st_ino


class OpenIndexes:
    """The indexes last used; safe between threads."""

    def __init__(self, root: Path) -> None:
        """Nothing is opened before it is asked for."""
        self._root = root
        self._open: OrderedDict[IndexKey, tuple[int, OpenIndex]] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, key: IndexKey) -> OpenIndex | None:
        """An index, or None when it has been dropped."""
        folder = folder_of(self._root, key)
        with self._guard:
            try:
                inode = folder.stat().st_ino
                held = self._open.get(key)
                if held is None or held[0] != inode:
                    held = self._open[key] = (inode, OpenIndex(key, folder))
            except FileNotFoundError:
                self._open.pop(key, None)
                return None
            except ValueError:
                if folder.exists():
                    raise
                return None
            self._open.move_to_end(key)
            while len(self._open) > _MAX_OPEN:
                self._open.popitem(last=False)
            return held[1]

    def forget(self, key: IndexKey) -> None:
        """Close an index."""
        with self._guard:
            self._open.pop(key, None)

    def close(self) -> None:
        """Close all."""
        with self._guard:
            self._open.clear()
