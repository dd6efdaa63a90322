"""The plainest normalizer there is, and alerts that would show a doubled event."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

import collectors.delivery.models  # noqa: F401 (declares the tables)
from collectors.normalizers.contract import SourceContext
from collectors.record import DeadLetter, NormalizedBatch, Reason, Record, RecordBatch
from events import Event, event_id, format_timestamp
from store.records import Base, RecordsDatabase


def normalize(batch: RecordBatch, context: SourceContext, format: str | None = None, /) -> NormalizedBatch:  # noqa: A002 (what sources call it)
    """A document with ``t`` (seconds) becomes an event; with ``format`` "lenient" anything does."""
    events: list[Event] = []
    letters = list(batch.dead_letters)
    for record in batch.records:
        if record.document is None and format != "lenient":
            letters.append(DeadLetter(record.position, Reason.UNRECOGNIZED, "no document", record.raw, len(record.raw)))
        else:
            events.append(_event(record, context))
    return NormalizedBatch(events, letters)


def _event(record: Record, context: SourceContext) -> Event:
    document = record.document or {}
    seconds = document.get("t", 1_767_225_600)
    event: Event = {
        "@timestamp": format_timestamp(int(str(seconds)) * 1000),
        "event.id": event_id(context.identity, record.position, record.raw),
        "event.original": record.raw.decode("utf-8", "replace"),
        "event.dataset": "test.plain",
        "fengsui.source.name": context.source,
    }
    if "refuse" in document:
        event["@timestamp"] = "never"
    if "n" in document:
        event["message"] = f"number {document['n']}"
    return event


def match(events: Sequence[Event]) -> list[str]:
    """Every event whose message ends in 7 is an alert."""
    return [str(event["event.id"]) for event in events if str(event.get("message", "")).endswith("7")]


def record_alerts(session: Session, matches: list[str]) -> None:
    """One row a match, without any guard against doubles."""
    for id_ in matches:
        session.execute(text("INSERT INTO seen_alerts (event_id) VALUES (:id)"), {"id": id_})


def alerts(records: RecordsDatabase) -> list[str]:
    with records.read() as session:
        return [row[0] for row in session.execute(text("SELECT event_id FROM seen_alerts ORDER BY event_id"))]


def open_records(url: str) -> RecordsDatabase:
    records = RecordsDatabase(url)
    Base.metadata.create_all(records.engine)
    add_tables(records)
    return records


def add_tables(records: RecordsDatabase) -> None:
    with records.begin() as session:
        session.execute(text("CREATE TABLE IF NOT EXISTS seen_alerts (event_id TEXT)"))
