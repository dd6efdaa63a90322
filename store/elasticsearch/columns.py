"""The fields of a document beside the event's own, and the forms of the values in them.

A document is the event itself, under its own names, so that any tool reads it. Fields of the field table are mapped
under their names; whatever else a source brings is one flattened field, and what the query language asks of values
beyond that stands in a few keyword fields that are indexed and never stored.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from functools import lru_cache

from events import FieldType

OWN = "fengsui.own"
"""Flattened: the values, in lower case, of fields that the field table doesn't know; for aggregations."""
PAIRS = "fengsui.index.pairs"
"""Name and value: of fields without a typed column, of values that don't fit their type, of typed values as text."""
NAMES = "fengsui.index.names"
"""Names of the fields that an event has without a column of their own."""
NUMBERS = "fengsui.index.numbers"
"""Name and digits of a number: of values of keyword and untyped fields that are numbers."""
ADDRESSES = "fengsui.index.addresses"
"""Name and digits of an address: of values outside address fields that are addresses."""
RECEIVED = "fengsui.index.received"
"""When an event with an implausible time was stored."""
GIVEN = "fengsui.index.given"
"""Fields as the event has them, as JSON, where the document holds them in another form; stored and never indexed."""

INDEXED_ONLY = (OWN, PAIRS, NAMES, NUMBERS, ADDRESSES, RECEIVED)
RESERVED = ("fengsui.own", "fengsui.index.")

AS_TEXT, TYPED = "\x01", "\x02"
"""What separates name and value: of a value matched as text, of a typed value's own text."""
MAX_TERM_BYTES = 32_766
"""Lucene's longest term."""
_NUL = "\u2400"
_SIGN = 1 << 63
_ALL_BITS = (1 << 64) - 1


def pair(name: str, value: str, separator: str = AS_TEXT) -> str:
    """The term of a value with its name, cut at the longest term."""
    term = f"{name}{separator}{value}"
    return term if len(term) * 4 <= MAX_TERM_BYTES else cut(term, MAX_TERM_BYTES)


def cut(text: str, size: int) -> str:
    """The beginning of a text in at most so many bytes of UTF-8."""
    return text.encode("utf-8", "replace")[:size].decode("utf-8", "ignore")


def number_digits(number: float) -> str:
    """A number as text that is in the order of numbers."""
    (bits,) = struct.unpack(">Q", struct.pack(">d", number + 0.0))
    return f"{bits ^ _ALL_BITS if bits & _SIGN else bits | _SIGN:016x}"


def address_digits(number: int) -> str:
    """An address number as text that is in the order of addresses."""
    return f"{number:032x}"


@lru_cache(maxsize=65_536)
def own_key(name: str) -> str:
    """The key of an untyped field: never empty, and free of NUL, which the engine keeps for itself."""
    return name.replace("\x00", _NUL) or _NUL


def column(types: Mapping[str, FieldType], name: str) -> str:
    """The column that aggregations read a field from."""
    return name if name in types else f"{OWN}.{own_key(name)}"
