"""Turns an event into the document of its index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from events import Event, FieldType, Scalar, Value, values_of
from store.embedded.schema import EVENT, NAMES, PAIRS, UNTYPED, pair, untyped_key
from store.query.values import keyword_form, text_form, typed_form, words

_LONG_LIMIT = 1 << 63


def document_of(event: Event, types: Mapping[str, FieldType]) -> dict[str, Any]:
    """The fields of an event's document, without its order number.

    A value that doesn't fit its field's type is searched as text under the same name.
    """
    event, stored = _storable(event)
    document: dict[str, Any] = {EVENT: stored}
    names: list[str] = []
    pairs: list[str] = []
    untyped: dict[str, list[str]] = {}
    for name, value in event.items():
        kind = types.get(name)
        if kind is FieldType.KEYWORD:
            if forms := _keywords(value):
                document[name] = forms
        elif kind is FieldType.TEXT:
            if texts := [searchable_text(text) for item in values_of(value) if (text := text_form(item)) is not None]:
                document[name] = texts
                names.append(name)
        else:
            misfits = _typed(document, name, kind, value) if kind is not None else _keywords(value)
            if misfits:
                names.append(name)
                pairs.extend(pair(name, text) for text in misfits)
                if kind is None:
                    untyped[untyped_key(name)] = misfits
    document.update({NAMES: names, PAIRS: pairs, UNTYPED: untyped})
    return document


def _keywords(value: Value) -> list[str]:
    if type(value) is str and len(value) < 8_000:  # noqa: PLR2004 (too short to be cut)
        return [value.lower()]
    return [form for item in values_of(value) if (form := keyword_form(item)) is not None]


def _typed(document: dict[str, Any], name: str, kind: FieldType, value: Value) -> list[str]:
    """Put the values that fit a typed field into its column; returns the others as text."""
    fitting, misfits = [], []
    for item in values_of(value):
        typed = typed_form(kind, item)
        if typed is not None:
            fitting.append(typed)
        elif (text := keyword_form(item)) is not None:
            misfits.append(text)
    if fitting:
        document[name] = fitting
    return misfits


def searchable_text(text: str) -> str:
    """A text whose words the engine finds where it changes between letters or digits and anything else."""
    return text.lower() if text.isascii() else " ".join(words(text))


def _storable(event: Event) -> tuple[Event, bytes]:
    """An event with its JSON, which holds no numbers beyond 64 bits (made text) and no lone surrogates (made ``?``)."""
    try:
        return event, orjson.dumps(event)
    except TypeError:
        cleaned = {_clean(name): _clean_value(value) for name, value in event.items()}
        return cleaned, orjson.dumps(cleaned)


def _clean_value(value: Value) -> Value:
    return [_clean_scalar(item) for item in value] if isinstance(value, list) else _clean_scalar(value)


def _clean_scalar(value: Scalar) -> Scalar:
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, int) and not isinstance(value, bool) and not -_LONG_LIMIT <= value < 2 * _LONG_LIMIT:
        return str(value)
    return value


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
