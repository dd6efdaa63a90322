"""Turns an event into the document of its index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from events import Event, FieldType, Value, values_of
from store.embedded.schema import EVENT, NAMES, PAIRS, UNTYPED, pair, untyped_key
from store.query.values import keyword_form, text_form, typed_form, words
from store.storable import storable

_KEYWORD, _TEXT = FieldType.KEYWORD, FieldType.TEXT
_NEVER_CUT = 8_000
"""Characters that are fewer than the longest keyword's bytes in any script."""


def document_of(event: Event, types: Mapping[str, FieldType]) -> dict[str, Any]:
    """The fields of an event's document, without its order number.

    A value that doesn't fit its field's type is searched as text under the same name.
    """
    event, stored = storable(event)
    names: list[str] = []
    pairs: list[str] = []
    untyped: dict[str, str | list[str]] = {}
    document: dict[str, Any] = {EVENT: stored, NAMES: names, PAIRS: pairs, UNTYPED: untyped}
    for name, value in event.items():
        kind = types.get(name)
        if kind is _KEYWORD:
            document[name] = _keywords(value)
        elif kind is _TEXT:
            if parts := [searchable_text(text) for item in values_of(value) if (text := text_form(item)) is not None]:
                document[name] = parts
                names.append(name)
        elif kind is not None:
            if misfits := _typed(document, name, kind, value):
                names.append(name)
                pairs.extend(pair(name, text) for text in misfits)
        elif type(value) is str and len(value) < _NEVER_CUT:
            lowered = value.lower()
            pairs.append(pair(name, lowered))
            untyped[untyped_key(name)] = lowered
        elif texts := _keywords(value):
            pairs.extend(pair(name, text) for text in texts)
            untyped[untyped_key(name)] = texts
    return document


def _keywords(value: Value) -> str | list[str]:
    if type(value) is str and len(value) < _NEVER_CUT:
        return value.lower()
    return [form for item in values_of(value) if (form := keyword_form(item)) is not None]


def _typed(document: dict[str, Any], name: str, kind: FieldType, value: Value) -> list[str]:
    """Put the values that fit a typed field into its column; returns the others as text."""
    if not isinstance(value, list) and (typed := typed_form(kind, value)) is not None:
        document[name] = typed
        return []
    forms = [(typed_form(kind, item), keyword_form(item)) for item in values_of(value)]
    document[name] = [typed for typed, _text in forms if typed is not None]
    return [text for typed, text in forms if typed is None and text is not None]


def searchable_text(text: str) -> str:
    """A text whose words the engine finds where it changes between letters or digits and anything else."""
    return text.lower() if text.isascii() else " ".join(words(text))
