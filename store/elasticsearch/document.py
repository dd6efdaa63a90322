"""Turns an event into the document of its index, and a document back into the event."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from events import Event, FieldType, Scalar, Value, format_timestamp, values_of
from store.elasticsearch.columns import (
    ADDRESSES,
    AS_TEXT,
    GIVEN,
    MAX_TERM_BYTES,
    NAMES,
    NUMBERS,
    OWN,
    PAIRS,
    RECEIVED,
    TYPED,
    cut,
    pair,
)
from store.elasticsearch.shapes import OwnField, Shapes
from store.elasticsearch.traits import NEVER_CUT, SHORT, address_of, searchable_text, short_traits, traits_of
from store.query.values import LONG_LIMIT, Typed, canonical_text, keyword, keyword_form, text_form, typed_form
from store.storable import storable

_OWN_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")


@dataclass(slots=True)
class _Made:
    """What is indexed beside the event's own fields, and the fields whose form is another than the event's."""

    own: dict[str, str | list[str]] = field(default_factory=dict)
    pairs: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    replaced: dict[str, Any] = field(default_factory=dict)


class DocumentBuilder:
    """Makes documents for indexes whose typed fields are ``types``."""

    def __init__(self, types: Mapping[str, FieldType]) -> None:
        """Prepare."""
        self._shapes = Shapes(types)

    def document(self, event: Event, received: str | None = None) -> bytes:
        """The document of an event, as JSON; ``received`` is when it came, for the index of implausible times.

        Raises:
            ValueError, TypeError: JSON can't hold the event.
        """
        event, as_json = storable(event)
        made, shape = _Made(), self._shapes.of(event)
        _put_keywords(made, shape.keywords, event)
        _put_own(made, shape.own, event)
        for name in shape.texts:
            _put_texts(made, name, event[name])
        for name, kind in shape.typed:
            _put_typed(made, name, kind, event[name])
        made.replaced |= dict.fromkeys(shape.unplain)
        if made.replaced:
            as_json = _with_replaced(event, made.replaced)
        indexed = orjson.dumps(_indexed_only(made, received))
        return as_json if indexed == b"{}" else as_json[:-1] + b"," + indexed[1:]


def event_of(source: dict[str, Any]) -> Event:
    """The event of a stored document, as it was written."""
    given = source.pop(GIVEN, None)
    if given is not None:
        source.update(orjson.loads(given))
    return source


def _indexed_only(made: _Made, received: str | None) -> dict[str, Any]:
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


def _put_keywords(made: _Made, names: Iterable[str], event: Event) -> None:
    """Fields of whole values; nearly all hold one plain text, which needs nothing beside."""
    for name in names:
        value = event[name]
        if type(value) is not str:
            _put_keyword_values(made, name, value)
            continue
        traits = short_traits(value) if len(value) <= SHORT else traits_of(value)
        if traits is not None:
            _put_orders(made, name, traits.number, traits.address)
            if traits.form is not None:
                made.replaced[name] = traits.form


def _put_keyword_values(made: _Made, name: str, value: Value) -> None:
    forms, is_plain = [], True
    for item in values_of(value):
        if (text := text_form(item)) is None:
            continue
        traits = traits_of(text)
        forms.append(keyword(text))
        if traits is not None:
            _put_orders(made, name, traits.number, traits.address)
        is_plain = is_plain and type(item) is not float and (traits is None or traits.form is None)
    if not is_plain:
        made.replaced[name] = forms


def _put_own(made: _Made, fields: Iterable[OwnField], event: Event) -> None:
    """Fields that the field table doesn't know."""
    values, pairs, names = made.own, made.pairs, made.names
    for own in fields:
        value = event[own.name]
        if type(value) is not str or len(value) >= NEVER_CUT:
            _put_own_values(made, own, value)
            continue
        values[own.key] = lowered = value.lower()
        pairs.append(own.prefix + lowered)
        names.append(own.name)
        traits = short_traits(value) if len(value) <= SHORT else traits_of(value)
        if traits is not None:
            _put_orders(made, own.name, traits.number, traits.address)


def _put_own_values(made: _Made, own: OwnField, value: Value) -> None:
    texts = [text for item in values_of(value) if (text := keyword_form(item)) is not None]
    if not texts:
        return
    room = MAX_TERM_BYTES - len(own.name.encode()) - 8
    fitting = [text if len(text) < NEVER_CUT else cut(text, room) for text in texts]
    made.own[own.key] = fitting[0] if len(fitting) == 1 else fitting
    for text in texts:
        made.pairs.append(pair(own.name, text))
        if (traits := traits_of(text)) is not None:
            _put_orders(made, own.name, traits.number, traits.address)
    made.names.append(own.name)


def _put_texts(made: _Made, name: str, value: Value) -> None:
    if type(value) is str and value.isascii():
        made.names.append(name)
        _put_orders(made, name, None, address_of(value))
        return
    items = [item for item in values_of(value) if item is not None]
    if not items:
        return
    made.names.append(name)
    texts = [text_form(item) or "" for item in items]
    forms = [searchable_text(text) for text in texts]
    for text in texts:
        _put_orders(made, name, None, address_of(text))
    if any(form is not None for form in forms) or any(type(item) is float for item in items):
        made.replaced[name] = [text if form is None else form for text, form in zip(texts, forms, strict=True)]


def _put_typed(made: _Made, name: str, kind: FieldType, value: Value) -> None:
    """A field whose values have a type: those that fit it are indexed as such and as text, the others as text."""
    if type(value) is int and kind is FieldType.LONG and -LONG_LIMIT <= value < LONG_LIMIT:
        made.pairs.append(f"{name}{TYPED}{value}")
        return
    plain = [_plain_text(kind, item) for item in values_of(value)]
    if None not in plain:
        made.pairs.extend([f"{name}{TYPED}{text}" for text in plain])
        return
    forms: list[Typed] = []
    misfits = []
    for item in values_of(value):
        typed = typed_form(kind, item)
        if typed is not None:
            forms.append(format_timestamp(int(typed)) if kind is FieldType.DATE else typed)
            made.pairs.append(f"{name}{TYPED}{canonical_text(kind, typed)}")
        elif (text := keyword_form(item)) is not None:
            misfits.append(pair(name, text))
            _put_orders(made, name, None, address_of(text))
    made.pairs.extend(misfits)
    if misfits:
        made.names.append(name)
    if misfits or forms:
        made.replaced[name] = forms or None


def _plain_text(kind: FieldType, value: Scalar) -> str | None:
    """The text of a value that stands in an event as it does in its document; None where it may be otherwise."""
    if kind is FieldType.LONG:
        return str(value) if type(value) is int and typed_form(kind, value) is not None else None
    if kind is FieldType.DATE:
        is_plain = type(value) is str and _OWN_MOMENT.fullmatch(value) and typed_form(kind, value) is not None
        return str(value).lower() if is_plain else None
    if kind is FieldType.IP:
        return value if type(value) is str and typed_form(kind, value) == value else None
    if kind is FieldType.BOOLEAN:
        return ("true" if value else "false") if type(value) is bool else None
    return None


def _put_orders(made: _Made, name: str, number: str | None, address: str | None) -> None:
    """What ranges and networks ask of a text."""
    if number is not None:
        made.numbers.append(f"{name}{AS_TEXT}{number}")
    if address is not None:
        made.addresses.append(f"{name}{AS_TEXT}{address}")
