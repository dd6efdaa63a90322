"""How a day's index is laid out: typed fields of the field table, and what carries everything else.

Values are lowered and cut before they are indexed (``store.query.values``), so analyzers only split words. Dates are
whole milliseconds, because the engine's own dates keep seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

import tantivy

from events import FieldType
from store.query.values import MAX_WORD_BYTES

ORDER = "_order"
"""Time and id as one number (``order.order_number``)."""
EVENT = "_event"
"""The whole event, as JSON."""
NAMES = "_names"
"""Names of the fields that an event has without a column: texts, and values that don't fit their type."""
PAIRS = "_pairs"
"""Name and value of what has no typed column: fields the table doesn't know, values that don't fit their type."""
UNTYPED = "_untyped"
"""The same as columns, for aggregations."""
RECEIVED = "_received"
"""When an event with an implausible time was stored, in milliseconds."""

PAIR_SEPARATOR = "\x01"
_WORDS = "words"
_ID = "event.id"


def build_schema(types: Mapping[str, FieldType]) -> tantivy.Schema:
    """The schema of an index whose typed fields are ``types``."""
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field(ORDER, fast=True)
    builder.add_integer_field(RECEIVED, indexed=True)
    builder.add_bytes_field(EVENT, stored=True)
    for name in (NAMES, PAIRS):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_json_field(UNTYPED, fast=True, tokenizer_name="raw", index_option="basic")
    for name, kind in types.items():
        _add_field(builder, name, kind)
    return builder.build()


def _add_field(builder: tantivy.SchemaBuilder, name: str, kind: FieldType) -> None:
    if kind is FieldType.TEXT:
        builder.add_text_field(name, tokenizer_name=_WORDS, index_option="position")
    elif kind is FieldType.KEYWORD:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=name != _ID)
    else:
        add: Callable[..., object] = {
            FieldType.IP: builder.add_ip_addr_field,
            FieldType.LONG: builder.add_integer_field,
            FieldType.DATE: builder.add_integer_field,
            FieldType.DOUBLE: builder.add_float_field,
            FieldType.BOOLEAN: builder.add_boolean_field,
        }[kind]
        add(name, indexed=True, fast=True)


def register_analyzers(index: tantivy.Index) -> None:
    """Make the analyzers known that the schema names; needed each time an index is opened."""
    words = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    index.register_tokenizer(_WORDS, words.filter(tantivy.Filter.remove_long(MAX_WORD_BYTES)).build())


def pair(name: str, value: str) -> str:
    """The term of a value without a typed column."""
    return f"{name}{PAIR_SEPARATOR}{value}"


@lru_cache(maxsize=65_536)
def untyped_key(name: str) -> str:
    """The key of an untyped field's column; never empty and free of NUL, which the engine keeps for itself."""
    return f"/{name}".replace("\x00", "\u2400")


def column(types: Mapping[str, FieldType], name: str) -> str:
    """The column that aggregations read a field from."""
    if name in types:
        return name
    escaped = untyped_key(name).replace("\\", "\\\\").replace(".", "\\.")
    return f"{UNTYPED}.{escaped}"
