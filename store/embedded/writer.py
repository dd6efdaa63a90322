"""Open index writers: the few days last written to, so that memory and threads stay bounded."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path

import tantivy

from events import Event, FieldType
from store.cursor import Place
from store.embedded.document import DocumentBuilder
from store.embedded.layout import create_index, folder_of, read_types, sync
from store.embedded.names import KnownNames
from store.embedded.order import DAY_DIGITS, IMPLAUSIBLE_DIGITS, id_number, order_number
from store.embedded.schema import ID, ORDER, RECEIVED, TIMESTAMP, register_analyzers
from store.placement import IndexKey

_MAX_OPEN = 6
_THREADS = 1
"""Each thread makes a segment of its own at every commit: two cost a tenth more processor time, space and memory."""
_HEAP_BYTES = 256_000_000
"""As far as the terms of a batch grow in memory before a segment is written: a batch of delivery makes one."""


class IndexWriter:
    """One index, open for writing."""

    def __init__(self, folder: Path, key: IndexKey, threads: int = _THREADS) -> None:
        """Open the index in ``folder``."""
        self._folder = folder
        self._digits = DAY_DIGITS if key.day else IMPLAUSIBLE_DIGITS
        self._names = KnownNames(folder)
        self._builder = DocumentBuilder(read_types(folder), self._names)
        index = tantivy.Index.open(str(folder))
        register_analyzers(index)
        self._schema = index.schema
        self._writer = index.writer(heap_size=_HEAP_BYTES, num_threads=threads)

    def document(self, event: Event, place: Place, received_ms: int | None = None) -> tantivy.Document:
        """The document of an event.

        Args:
            event: the event.
            place: its time and id.
            received_ms: when it was stored, for events whose own time is implausible.

        Raises:
            TypeError, ValueError: the engine refuses a value.
        """
        fields = self._builder.document(event)
        fields[TIMESTAMP] = place[0]
        fields[ORDER] = order_number(place, self._digits)
        fields[ID] = id_number(place[1])
        if received_ms is not None:
            fields[RECEIVED] = received_ms
        return tantivy.Document.from_dict(fields, self._schema)

    def add(self, document: tantivy.Document) -> None:
        """Take up a document, which is held from the next commit on."""
        self._writer.add_document(document)

    def commit(self) -> None:
        """Return when all that was added is on disk; nothing of it is when that fails."""
        self._names.keep()
        self._writer.commit()
        sync(self._folder)

    def delete(self, query: tantivy.Query) -> None:
        """Delete what matches, on disk when this returns."""
        self._writer.delete_documents_by_query(query)
        self.commit()

    def close(self) -> None:
        """Let running merges end, then release the index."""
        self._writer.wait_merging_threads()


class IndexWriters:
    """The writers last used, made with the index where there is none yet."""

    def __init__(self, root: Path, types: Mapping[str, FieldType]) -> None:
        """Nothing is opened before it is asked for; new indexes get the typed fields ``types``."""
        self._root = root
        self._types = types
        self._open: OrderedDict[IndexKey, IndexWriter] = OrderedDict()

    def get(self, key: IndexKey) -> IndexWriter:
        """The writer of an index."""
        if key not in self._open:
            while len(self._open) >= _MAX_OPEN:
                self._open.popitem(last=False)[1].close()
            create_index(self._root, key, self._types)
            self._open[key] = IndexWriter(folder_of(self._root, key), key)
        self._open.move_to_end(key)
        return self._open[key]

    def abandon(self, key: IndexKey) -> None:
        """Drop a writer whose commit failed, with everything it has not committed."""
        self._open.pop(key, None)

    def release(self, key: IndexKey) -> None:
        """Close the writer of an index."""
        if writer := self._open.pop(key, None):
            writer.close()

    def close(self) -> None:
        """Close all."""
        while self._open:
            self._open.popitem()[1].close()
