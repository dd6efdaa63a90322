"""Events by their ids: a number made of the id finds candidates, the id on the event decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import tantivy

from events import Event
from store.embedded.order import id_number
from store.embedded.reader import OpenIndex
from store.embedded.schema import EVENT_ID, ID


def held_ids(index: OpenIndex, searcher: tantivy.Searcher, event_ids: Iterable[str]) -> set[str]:
    """Which of the ids an index holds."""
    known = [event_id for event_id in event_ids if searcher.doc_freq(ID, id_number(event_id))]
    return {str(event[EVENT_ID]) for event in held_events(index, searcher, known)}


def held_events(index: OpenIndex, searcher: tantivy.Searcher, event_ids: Iterable[str]) -> Iterator[Event]:
    """The events of an index that have one of the ids."""
    wanted = set(event_ids)
    if not wanted:
        return
    query = any_number(index.schema, map(id_number, wanted))
    number = int(searcher.search(query, limit=1).count)  # type: ignore[attr-defined]
    if not number:
        return
    for _score, address in searcher.search(query, limit=number, count=False).hits:
        event = index.event(searcher, address)
        if event.get(EVENT_ID) in wanted:
            yield event


def any_number(schema: tantivy.Schema, numbers: Iterable[int]) -> tantivy.Query:
    """The events whose id makes one of these numbers."""
    return tantivy.Query.term_set_query(schema, ID, sorted(set(numbers)))
