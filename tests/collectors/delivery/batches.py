"""Batches of numbered records, and what became of them."""

from __future__ import annotations

from collectors.decoders import line_record
from collectors.delivery import DeadLetterFilter, DeliverySettings, StoredDeadLetter, repository
from collectors.delivery.models import LetterState
from collectors.record import Checkpoint, Record, RecordBatch
from events import Event
from store.embedded import EmbeddedEventStore
from store.event_store import Window
from store.query.tree import Exists
from store.records import RecordsDatabase

FAST = DeliverySettings(linger_seconds=0, retry_first_seconds=0.01, retry_longest_seconds=0.02)


def batch(start: int, *raws: bytes, source: str = "s") -> RecordBatch:
    records = [
        record for number, raw in enumerate(raws, start) if isinstance(record := line_record(number, raw), Record)
    ]
    checkpoint = Checkpoint(source, "id", start + len(raws), {"more": "x"})
    return RecordBatch(source, "id", records, [], checkpoint)


def numbers(start: int, end: int) -> list[bytes]:
    return [b'{"t":%d,"n":%d}' % (1_767_225_600 + number, number) for number in range(start, end)]


def stored(store: EmbeddedEventStore) -> list[Event]:
    return store.search(Exists("event.id"), Window(), limit=10_000, order="oldest").events


def letters(records: RecordsDatabase, state: LetterState | None = None) -> list[StoredDeadLetter]:
    with records.read() as session:
        return repository.find_dead_letters(session, DeadLetterFilter(state=state))
