"""Tantivy as it is first tried: every field of a record a lowered value, the message's words, the record kept.

No ids that are looked up, no days, no words of the whole record, nothing durable before the one commit at the end:
what a bare engine takes in, beside which the embedded store is measured.
"""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import orjson
import tantivy

from events import Event

THREADS = 2
TURNS = 5
_HEAP_BYTES = 300_000_000
_TEXTS = ("Message", "message")
_WORDS, _RECORD, _ID = "_message", "_record", "_id"
_VALUE = "lowered"


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it came, and its fields."""

    raw: bytes
    fields: dict[str, str]
    message: str | None


def records_of(events: Iterable[Event]) -> list[Record]:
    """The records of events that are JSON objects."""
    records = []
    for event in events:
        raw = str(event["event.original"]).encode()
        try:
            given = orjson.loads(raw)
        except orjson.JSONDecodeError:
            continue
        if isinstance(given, dict):
            message = next((given[name] for name in _TEXTS if isinstance(given.get(name), str)), None)
            fields = {name: str(value) for name, value in given.items() if isinstance(value, str | int | float)}
            records.append(Record(raw, {name: fields[name] for name in fields if name not in _TEXTS}, message))
    return records


def by_turns(records: Sequence[Record], number: int, folder: Path, through: Callable[[], float]) -> str:
    """Events a second through the store as a share of plain tantivy's, in words; who is first changes with each turn.

    Args:
        records: what plain tantivy takes in, over and over.
        number: how many of them a turn.
        folder: where its index may lie.
        through: writes as many events to a new store; the seconds that takes.
    """
    rates: dict[str, list[float]] = {"plain": [], "through": []}
    for turn in range(TURNS):
        runs: list[tuple[str, Callable[[], float]]] = [
            ("plain", partial(_seconds, records, number, folder)),
            ("through", through),
        ]
        for name, run in runs[:: -1 if turn % 2 else 1]:
            rates[name].append(number / run())
    shares = [mine / alone for mine, alone in zip(rates["through"], rates["plain"], strict=True)]
    told = ", ".join(f"{share:.2f}" for share in sorted(shares))
    return (
        f"by turns of {number:,} events: plain tantivy {statistics.median(rates['plain']):,.0f} events/s, "
        f"through the store {statistics.median(rates['through']):,.0f} events/s; "
        f"share {statistics.median(shares):.2f} in the middle of {told}"
    )


def _seconds(records: Sequence[Record], number: int, folder: Path) -> float:
    """How long plain tantivy takes for so many records."""
    folder.mkdir(parents=True)
    schema = _schema(records)
    index = tantivy.Index(schema, path=str(folder))
    lowered = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw()).filter(tantivy.Filter.lowercase()).build()
    index.register_tokenizer(_VALUE, lowered)
    index.register_fast_field_tokenizer(_VALUE, lowered)
    writer = index.writer(heap_size=_HEAP_BYTES, num_threads=THREADS)
    started = time.perf_counter()
    for place, record in enumerate(islice(cycle(records), number)):
        fields: dict[str, Any] = dict(record.fields) | {_ID: f"id{place}", _RECORD: record.raw}
        if record.message is not None:
            fields[_WORDS] = record.message
        writer.add_document(tantivy.Document.from_dict(fields, schema))
    writer.commit()
    writer.wait_merging_threads()
    spent = time.perf_counter() - started
    shutil.rmtree(folder)
    return spent


def _schema(records: Iterable[Record]) -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in dict.fromkeys(name for record in records for name in record.fields):
        builder.add_text_field(name, tokenizer_name=_VALUE, index_option="basic", fast=True)
    builder.add_text_field(_WORDS, tokenizer_name="default", index_option="position")
    builder.add_text_field(_ID, tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field(_RECORD, stored=True, indexed=False)
    return builder.build()
