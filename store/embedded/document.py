"""Turns an event into the document of its index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from events import Event, FieldType, Value, values_of
from store.embedded.names import KnownNames
from store.embedded.pairs import DIGEST, field_term, is_verbatim, pair, present
from store.embedded.schema import EVENT, LONG, PAIRS
from store.embedded.shape import Shape, shapes_with
from store.embedded.value_terms import single_text
from store.query.values import keyword_form, text_form, typed_form, words
from store.storable import cleaned


class DocumentBuilder:
    """Builds the documents of an index."""

    def __init__(self, types: Mapping[str, FieldType], names: KnownNames) -> None:
        """``types`` are the typed fields of the index, ``names`` the lists of names that its events can refer to."""
        self._shapes = shapes_with(tuple(types.items()))
        self._names = names

    def document(self, event: Event) -> dict[str, Any]:
        """The fields of an event's document, without its time, its order number and its id.

        A value that doesn't fit its field's type is searched as text under the same name.
        """
        try:
            return _document(event, self._shapes.of(event), self._names)
        except (TypeError, UnicodeEncodeError):
            event = cleaned(event)
        return _document(event, self._shapes.exactly_of(event), self._names)


def _document(event: Event, shape: Shape, names: KnownNames) -> dict[str, Any]:
    """The document of an event by its shape.

    Raises:
        TypeError, UnicodeEncodeError: it holds what JSON can't, or values of other types than the shape has.
    """
    values = shape.values(event)
    document: dict[str, Any] = {EVENT: shape.stored.text(event, values, names.beginning(shape.stored.names))}
    valued = values[shape.singles], values[shape.others]
    terms, further = shape.terms.of(*valued)
    if terms is None:
        terms, further = "\n".join(map(present, shape.texts)), shape.terms.every_value(*valued)
    for name in shape.texts:
        document[name] = searchable_text(single_text(event[name]))
    further += _put_columns(document, shape, values[shape.typed_values])
    others = [present(name) for name in shape.other_texts if _put_texts(document, name, event[name])]
    if further or others:
        terms = "\n".join([terms, *others, *_terms(document, further)])
    document[PAIRS] = terms
    return document


def _terms(document: dict[str, Any], values: Iterable[tuple[str, str]]) -> list[str]:
    """The terms of values; the words of those that are no terms themselves go to the document."""
    terms = []
    for name, value in values:
        terms.append(pair(name, value))
        if not is_verbatim(value):
            terms.append(f"{field_term(name)}{DIGEST}")
            document.setdefault(LONG, {})[searchable_text(value)] = None
    if LONG in document:
        document[LONG] = list(document[LONG])
    return terms


def _put_columns(document: dict[str, Any], shape: Shape, values: Sequence[Value]) -> list[tuple[str, str]]:
    """Put the values of typed fields into the document; returns those that don't fit their type, as text."""
    further = []
    for (name, kind), value in zip(shape.typed, values, strict=True):
        document[name] = None if isinstance(value, list) else typed_form(kind, value)
        if document[name] is None:
            document[name], misfits = _typed(kind, value)
            further += [(name, text) for text in misfits]
    return further


def _put_texts(document: dict[str, Any], name: str, value: Value) -> bool:
    """Put the texts of a field that holds no single one into the document; whether there are any."""
    parts = [searchable_text(text) for item in values_of(value) if (text := text_form(item)) is not None]
    if parts:
        document[name] = parts
    return bool(parts)


def _typed(kind: FieldType, value: Value) -> tuple[list[Any], list[str]]:
    """The values that fit a typed field, and the others as text."""
    forms = [(typed_form(kind, item), keyword_form(item)) for item in values_of(value)]
    fitting = [typed for typed, _text in forms if typed is not None]
    return fitting, [text for typed, text in forms if typed is None and text is not None]


def searchable_text(text: str) -> str:
    """A text in lower case whose words the engine finds where letters or digits and anything else meet."""
    if text.isascii():
        return text.lower()
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return " ".join(words(text))
    return text.lower()
