"""Days of the embedded engine as earlier versions made them, as far as an upgrade reads them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import orjson
import tantivy

from events import Event, FieldType, timestamp_ms
from store.embedded.order import DAY_DIGITS, order_number


def _in_parts(event: Event) -> bytes:
    """The second layout's form: the raw record stands apart."""
    parts = {name: value for name, value in event.items() if name != "event.original"}
    return orjson.dumps(parts) + b"\n" + str(event["event.original"]).encode()


def _in_lines(event: Event) -> str:
    """The third layout's form: names, values, where the message stands, the raw record."""
    message, original = str(event["message"]), str(event["event.original"])
    parts = {name: value for name, value in event.items() if name not in ("message", "event.original")}
    told = f"[{original.index(message)},{len(message)}]"
    lists = (orjson.dumps(list(part)).decode() for part in (parts.keys(), parts.values()))
    return "\n".join([*lists, told, original])


_FORMS: dict[int, Callable[[Event], bytes | str]] = {1: orjson.dumps, 2: _in_parts, 3: _in_lines}


def make_earlier_day(root: Path, version: int, events: list[Event]) -> None:
    """Make the index of the first event's day in the layout of this version, 1 to 3."""
    folder = root / "standard" / str(events[0]["@timestamp"])[:10]
    folder.mkdir(parents=True)
    (folder / "fields.json").write_bytes(orjson.dumps({"version": version, "fields": {"@timestamp": FieldType.DATE}}))
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("_order", fast=True)
    if version < 3:
        builder.add_bytes_field("_event", stored=True)
    else:
        builder.add_text_field("_event", stored=True, tokenizer_name="raw", index_option="basic")
    index = tantivy.Index(builder.build(), path=str(folder))
    writer = index.writer(15_000_000, 1)
    for event in events:
        place = timestamp_ms(str(event["@timestamp"])), str(event["event.id"])
        fields = {"_order": order_number(place, DAY_DIGITS), "_event": _FORMS[version](event)}
        writer.add_document(tantivy.Document.from_dict(fields, index.schema))
    writer.commit()
    writer.wait_merging_threads()
