"""Turns an event into the document of its index, and a document back into the event."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson

from events import Event, FieldType, Scalar, Value, format_timestamp, values_of
from store.elasticsearch.columns import (
    ADDRESSES,
    GIVEN,
    MAX_TERM_BYTES,
    NAMES,
    NUMBERS,
    OWN,
    PAIRS,
    RECEIVED,
    RESERVED,
    TYPED,
    address_term,
    cut,
    number_term,
    own_key,
    pair,
)
from store.query.values import (
    MAX_WORD_BYTES,
    NUMBER,
    Typed,
    address_number,
    canonical_text,
    keyword,
    keyword_form,
    text_form,
    typed_form,
    words,
)
from store.storable import storable

_KEYWORD, _TEXT = FieldType.KEYWORD, FieldType.TEXT
_NEVER_CUT = 8_000
"""Characters that are fewer than the longest term's bytes in any script."""
_NUMERIC = frozenset("0123456789+-.")
_ADDRESS = re.compile(r"[0-9a-fA-F:.]{2,45}(?:%.{0,80})?", re.DOTALL)
_LOWERED_OTHERWISE = re.compile("[\u0130\u03a3]")
"""Characters whose lower case Python and Lucene write differently."""
_LONG_WORD = re.compile(r"[^\W\x00-\x7f]\w{120}|\w{120}[^\W\x00-\x7f]")
"""What may be a word whose bytes, other than its characters, are too many to be searched."""
_NO_WORD = "x" * MAX_WORD_BYTES
"""What the analyzer leaves out, keeping its place."""


@dataclass(slots=True)
class _Document:
    """What is indexed beside the event's own fields."""

    own: dict[str, str | list[str]] = field(default_factory=dict)
    pairs: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    replaced: dict[str, Any] = field(default_factory=dict)
    """Fields whose form in the document is another than the event's."""


def document_of(event: Event, types: Mapping[str, FieldType], received: str | None = None) -> bytes:
    """The document of an event, as JSON.

    Args:
        event: what is stored.
        types: the typed fields of the index.
        received: when it was received, for the index of implausible times.
    """
    event, as_json = storable(event)
    made = _Document()
    for name, value in event.items():
        kind = types.get(name)
        if kind is None:
            _put_own(made, name, value)
        elif kind is _KEYWORD:
            _put_keywords(made, name, value)
        elif kind is _TEXT:
            _put_text(made, name, value)
        else:
            _put_typed(made, name, kind, value)
    if made.replaced:
        as_json = _with_replaced(event, made.replaced)
    return as_json[:-1] + b"," + orjson.dumps(_indexed_only(made, received))[1:]


def event_of(source: dict[str, Any]) -> Event:
    """The event of a stored document, as it was written."""
    given = source.pop(GIVEN, None)
    if given is not None:
        source.update(orjson.loads(given))
    return source


def _indexed_only(made: _Document, received: str | None) -> dict[str, Any]:
    columns = {
        OWN: made.own,
        PAIRS: made.pairs,
        NAMES: made.names,
        NUMBERS: made.numbers,
        ADDRESSES: made.addresses,
        RECEIVED: received,
    }
    return {name: values for name, values in columns.items() if values}


def _with_replaced(event: Event, replaced: Mapping[str, Any]) -> bytes:
    """The event with some fields in another form, which stand as they were given in one field that isn't indexed."""
    kept: dict[str, Any] = {name: value for name, value in event.items() if name not in replaced}
    kept |= {name: form for name, form in replaced.items() if form is not None}
    kept[GIVEN] = orjson.dumps({name: event[name] for name in replaced}).decode()
    return orjson.dumps(kept)


def _put_own(made: _Document, name: str, value: Value) -> None:
    """A field that the field table doesn't know."""
    if type(value) is str:
        texts = [value.lower() if len(value) < _NEVER_CUT else keyword(value)]
    else:
        texts = [text for item in values_of(value) if (text := keyword_form(item)) is not None]
    if not _is_plain_name(name):
        made.replaced[name] = None
    if not texts:
        return
    made.names.append(name)
    key = own_key(name)
    room = MAX_TERM_BYTES - len(name) * 4 - 8
    fitting = [text if len(text) < _NEVER_CUT else cut(text, room) for text in texts]
    made.own[key] = fitting[0] if len(fitting) == 1 else fitting
    for text in texts:
        made.pairs.append(pair(name, text))
        _put_orders(made, name, text)


def _put_keywords(made: _Document, name: str, value: Value) -> None:
    forms: list[str] = []
    plain = True
    for item in value if isinstance(value, list) else (value,):
        if type(item) is str:
            form, plain = item, plain and _is_plain_text(item)
            forms.append(form if len(form) < _NEVER_CUT else keyword(form))
        elif item is not None:
            forms.append(keyword_form(item) or "")
            plain = plain and type(item) is not float
    for form in forms:
        _put_orders(made, name, form)
    if not plain:
        made.replaced[name] = [keyword(form) for form in forms]


def _put_text(made: _Document, name: str, value: Value) -> None:
    texts = [text for item in values_of(value) if (text := text_form(item)) is not None]
    if not texts:
        return
    made.names.append(name)
    for text in texts:
        _put_address(made, name, text)
    if not all(map(_is_plain_prose, texts)) or any(type(item) is float for item in values_of(value)):
        made.replaced[name] = [_searchable(text) for text in texts]


def _put_typed(made: _Document, name: str, kind: FieldType, value: Value) -> None:
    """A field whose values have a type: those that fit it are indexed as such and as text, the others as text."""
    forms: list[Typed] = []
    plain = True
    misfits = False
    for item in values_of(value):
        typed = typed_form(kind, item)
        if typed is not None:
            forms.append(_written(kind, typed))
            made.pairs.append(pair(name, canonical_text(kind, typed), TYPED))
            plain = plain and _is_written(kind, forms[-1], item)
        elif (text := keyword_form(item)) is not None:
            misfits = True
            made.pairs.append(pair(name, text))
            _put_address(made, name, text)
    if misfits:
        made.names.append(name)
    if misfits or not plain:
        made.replaced[name] = forms or None


def _put_orders(made: _Document, name: str, text: str) -> None:
    """What ranges and networks ask of a text."""
    if text[:1] in _NUMERIC and text and NUMBER.fullmatch(text):
        made.numbers.append(number_term(name, float(text)))
    elif len(text) > 1:
        _put_address(made, name, text)


def _put_address(made: _Document, name: str, text: str) -> None:
    if _ADDRESS.fullmatch(text) and (address := typed_form(FieldType.IP, text)) is not None:
        made.addresses.append(address_term(name, address_number(str(address))))


def _written(kind: FieldType, typed: Typed) -> Typed:
    """A typed value as it stands in a document."""
    return format_timestamp(int(typed)) if kind is FieldType.DATE else typed


def _is_written(kind: FieldType, form: Typed, value: Scalar) -> bool:
    """Whether an event has a value in the very form that stands in a document."""
    if kind is FieldType.DOUBLE:
        return type(value) in (int, float)
    return type(value) is type(form) and value == form


def _is_plain_text(text: str) -> bool:
    """Whether the engine indexes a text in the form that queries compare."""
    return len(text) < _NEVER_CUT and (text.isascii() or not _LOWERED_OTHERWISE.search(text))


def _is_plain_prose(text: str) -> bool:
    """Whether the engine finds in a text the words that queries ask for."""
    return text.isascii() or not (_LOWERED_OTHERWISE.search(text) or _LONG_WORD.search(text))


def _searchable(text: str) -> str:
    return " ".join(word if len(word.encode()) < MAX_WORD_BYTES else _NO_WORD for word in words(text))


@lru_cache(maxsize=65_536)
def _is_plain_name(name: str) -> bool:
    """Whether a document can hold a field of that name that isn't mapped."""
    if not name or name.startswith(("_", ".", *RESERVED)) or name.endswith(".") or ".." in name:
        return False
    return all(part.strip() for part in name.split(".")) and "\x00" not in name
