"""Brings indexes of an earlier layout to the present one: each is written anew aside and put in its place."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from events import field_table, now_ms
from store.embedded.layout import (
    LAYOUT,
    clear_remains,
    create_index,
    exchange,
    folder_of,
    layout_of,
    list_indexes,
    lock_for_writing,
)
from store.embedded.reader import OpenIndex
from store.embedded.search import Looks, View
from store.embedded.writer import IndexWriter
from store.event_store import Window
from store.placement import IndexKey, span_of
from store.query.tree import MatchAll

_WORKSHOP = ".upgrade"
_BATCH = 10_000


def upgrade_indexes(root: Path) -> Iterator[tuple[IndexKey, int]]:
    """Upgrade what has an earlier layout, oldest day first; the indexes with the numbers of their events.

    It may be cut short and run again. Events with implausible times count as stored now.

    Raises:
        StoreLockedError: another process writes to the store.
    """
    with lock_for_writing(root):
        clear_remains(root)
        shutil.rmtree(root / _WORKSHOP, ignore_errors=True)
        for key in list_indexes(root):
            layout = layout_of(folder_of(root, key))
            if layout < LAYOUT:
                yield key, _write_anew(root, key, layout)
        shutil.rmtree(root / _WORKSHOP, ignore_errors=True)


def _write_anew(root: Path, key: IndexKey, layout: int) -> int:
    before, workshop = folder_of(root, key), root / _WORKSHOP
    index = OpenIndex(key, before, layout)
    view = View(index, index.searcher(), MatchAll(), span_of(MatchAll(), Window()))
    create_index(workshop, key, field_table().types)
    writer = IndexWriter(folder_of(workshop, key), key)
    received = now_ms() if key.day is None else None
    found = view.events(Looks(0), newest=False, after=None)
    number = 0
    while batch := list(islice(found, _BATCH)):
        for place, event in batch:
            writer.add(writer.document(event, place, received))
        writer.commit()
        number += len(batch)
    writer.close()
    exchange(before, folder_of(workshop, key))
    return number
