"""How a day's index is laid out: columns of the typed fields, terms of everything else, the words of texts.

Values and texts are lowered, and values cut, before they are indexed (``store.query.values``); the words of texts are
split by the engine, which treats letters as Python does. Dates are whole milliseconds, because the engine's own dates
keep seconds. Only the message keeps the places of its words: what takes several words of the raw record to match is
tried on the events that have all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import tantivy

from events import FieldType
from store.query.values import MAX_WORD_BYTES

ORDER = "_order"
"""Time and id as one number (``order.order_number``)."""
ID = "_id"
"""A number made of the id (``order.id_number``); two ids may share it."""
EVENT = "_event"
"""The whole event (``stored.stored_event``), only stored: as a text, since the engine takes bytes one by one."""
PAIRS = "_pairs"
"""Terms of field and value (``pairs``)."""
LONG = "_long"
"""The words of the values that are no terms themselves, of all fields."""
RECEIVED = "_received"
"""When an event with an implausible time was stored, in milliseconds."""

EVENT_ID = "event.id"
TIMESTAMP = "@timestamp"
WITH_PLACES = frozenset({"message"})
"""Text fields whose words are indexed with their places."""

_TERMS, _WORDS, _ALL_WORDS = "terms", "words", "all_words"
_BLOCK_BYTES = 65_536
"""Of the stored events that are compressed together: the reach of the compression."""


def build_schema(types: Mapping[str, FieldType]) -> tantivy.Schema:
    """The schema of an index whose typed fields are ``types``."""
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field(ORDER, fast=True)
    builder.add_integer_field(ID, indexed=True)
    builder.add_integer_field(RECEIVED, indexed=True)
    builder.add_text_field(EVENT, stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field(PAIRS, tokenizer_name=_TERMS, index_option="basic")
    builder.add_text_field(LONG, tokenizer_name=_ALL_WORDS, index_option="basic")
    for name, kind in types.items():
        if kind is FieldType.TEXT:
            option = "position" if name in WITH_PLACES else "basic"
            builder.add_text_field(name, tokenizer_name=_WORDS, index_option=option)
        elif kind is not FieldType.KEYWORD:
            _add_column(builder, name, kind)
    return builder.build()


def _add_column(builder: tantivy.SchemaBuilder, name: str, kind: FieldType) -> None:
    add: Callable[..., object] = {
        FieldType.IP: builder.add_ip_addr_field,
        FieldType.LONG: builder.add_integer_field,
        FieldType.DATE: builder.add_integer_field,
        FieldType.DOUBLE: builder.add_float_field,
        FieldType.BOOLEAN: builder.add_boolean_field,
    }[kind]
    add(name, indexed=kind is FieldType.BOOLEAN, fast=True)


def tuned(meta: dict[str, Any]) -> dict[str, Any]:
    """The description of a new index with what the engine's Python interface has no words for.

    Lengths of fields, only good for ranking, are left out; events are stored without being indexed as a whole, and
    compressed in larger blocks.
    """
    for field in meta["schema"]:
        holder = field["options"].get("indexing") or field["options"]
        if "fieldnorms" in holder:
            holder["fieldnorms"] = False
        if field["name"] == EVENT:
            del field["options"]["indexing"]
    meta["index_settings"]["docstore_blocksize"] = _BLOCK_BYTES
    return meta


def register_analyzers(index: tantivy.Index) -> None:
    """Make the analyzers known that the schema names; needed each time an index is opened."""
    index.register_tokenizer(_TERMS, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    index.register_tokenizer(_ALL_WORDS, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).build())
    words = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).filter(tantivy.Filter.remove_long(MAX_WORD_BYTES))
    index.register_tokenizer(_WORDS, words.build())
