"""Turns an event into the document of its index, and a document back into the event."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from operator import add
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
    cut,
    pair,
)
from store.elasticsearch.shape import OwnField, Shape, TypedField
from store.elasticsearch.traits import NEVER_CUT, Traits, address_of, searchable_text, traits_of, with_traits
from store.query.values import LONG_LIMIT, Typed, canonical_text, keyword, keyword_form, text_form, typed_form
from store.shapes import Shapes
from store.storable import storable

_OWN_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z")
_DAY_LENGTH = len("2026-01-31")


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
        self._shapes = Shapes(lambda event: Shape(event, types))

    def document(self, event: Event, received: str | None = None) -> bytes:
        """The document of an event, as JSON; ``received`` is when it came, for the index of implausible times.

        Raises:
            ValueError, TypeError: JSON can't hold the event.
        """
        event, as_json = storable(event)
        try:
            made = _made(event, self._shapes.of(event))
        except TypeError:
            made = _made(event, self._shapes.exactly_of(event))
        if made.replaced:
            as_json = _with_replaced(event, made.replaced)
        indexed = orjson.dumps(_indexed_only(made, received))
        return as_json if indexed == b"{}" else as_json[:-1] + b"," + indexed[1:]


def _made(event: Event, shape: Shape) -> _Made:
    """What becomes of an event's fields.

    Raises:
        TypeError: it holds values of other types than the shape has.
    """
    made = _Made()
    _put_keywords(made, shape, event)
    _put_own(made, shape, event)
    for name in shape.texts:
        _put_texts(made, name, event[name])
    for typed in shape.typed:
        _put_typed(made, typed, event[typed.name])
    made.replaced |= dict.fromkeys(shape.unplain)
    return made


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


def _put_keywords(made: _Made, shape: Shape, event: Event) -> None:
    """Fields of whole values; nearly all hold one plain text, which needs nothing beside."""
    for name, traits in with_traits(shape.keywords, shape.keyword_texts(event)):
        _put_orders(made, name, traits)
        if traits.form is not None:
            made.replaced[name] = traits.form
    for name in shape.keyword_lists:
        _put_keyword_values(made, name, event[name])


def _put_keyword_values(made: _Made, name: str, value: Value) -> None:
    forms, is_plain = [], True
    for item in values_of(value):
        if (text := text_form(item)) is None:
            continue
        traits = traits_of(text)
        forms.append(keyword(text))
        if traits is not None:
            _put_orders(made, name, traits)
        is_plain = is_plain and type(item) is not float and (traits is None or traits.form is None)
    if not is_plain:
        made.replaced[name] = forms if isinstance(value, list) else forms[0]


def _put_own(made: _Made, shape: Shape, event: Event) -> None:
    """Fields that the field table doesn't know."""
    texts = shape.own_texts(event)
    if max(map(len, texts), default=0) < NEVER_CUT:
        lowered = list(map(str.lower, texts))
        made.own = dict(zip(shape.own_keys, lowered, strict=True))
        made.pairs.extend(map(add, shape.own_prefixes, lowered))
        made.names.extend(shape.own_names)
        for name, traits in with_traits(shape.own_names, texts):
            _put_orders(made, name, traits)
    else:
        for own in shape.own:
            _put_own_values(made, own, event[own.name])
    for own in shape.own_lists:
        _put_own_values(made, own, event[own.name])


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
            _put_orders(made, own.name, traits)
    made.names.append(own.name)


def _put_texts(made: _Made, name: str, value: Value) -> None:
    if type(value) is str and value.isascii():
        made.names.append(name)
        _put_address(made, name, value)
        return
    items = [item for item in values_of(value) if item is not None]
    if not items:
        return
    made.names.append(name)
    texts = [text_form(item) or "" for item in items]
    forms = [searchable_text(text) for text in texts]
    for text in texts:
        _put_address(made, name, text)
    if any(form is not None for form in forms) or any(type(item) is float for item in items):
        made.replaced[name] = [text if form is None else form for text, form in zip(texts, forms, strict=True)]


def _put_typed(made: _Made, field: TypedField, value: Value) -> None:
    """A field whose values have a type: those that fit it are indexed as such and as text, the others as text."""
    items = values_of(value)
    plain = [_PLAIN_TEXTS[field.kind](item) for item in items]
    if None not in plain:
        made.pairs.extend([f"{field.prefix}{text}" for text in plain])
        return
    forms: list[Typed] = []
    misfits = []
    for item in items:
        typed = typed_form(field.kind, item)
        if typed is not None:
            forms.append(format_timestamp(int(typed)) if field.kind is FieldType.DATE else typed)
            made.pairs.append(f"{field.prefix}{canonical_text(field.kind, typed)}")
        elif (text := keyword_form(item)) is not None:
            misfits.append(pair(field.name, text))
            _put_address(made, field.name, text)
    made.pairs.extend(misfits)
    if misfits:
        made.names.append(field.name)
    if misfits or forms:
        made.replaced[field.name] = forms or None


def _plain_long(value: Scalar) -> str | None:
    return str(value) if type(value) is int and -LONG_LIMIT <= value < LONG_LIMIT else None


def _plain_date(value: Scalar) -> str | None:
    return value.lower() if type(value) is str and _is_own_moment(value) else None


def _plain_address(value: Scalar) -> str | None:
    return value if type(value) is str and typed_form(FieldType.IP, value) == value else None


def _plain_boolean(value: Scalar) -> str | None:
    return ("true" if value else "false") if type(value) is bool else None


def _plain_double(_value: Scalar) -> None:
    """Python and Elasticsearch write such numbers differently."""


_PLAIN_TEXTS: Mapping[FieldType, Callable[[Scalar], str | None]] = {
    FieldType.LONG: _plain_long,
    FieldType.DATE: _plain_date,
    FieldType.IP: _plain_address,
    FieldType.BOOLEAN: _plain_boolean,
    FieldType.DOUBLE: _plain_double,
}
"""The text of a value that stands in an event as it does in its document; None where it may be otherwise."""


def _is_own_moment(text: str) -> bool:
    """Whether a text is a time in the event's own form."""
    return _OWN_MOMENT.fullmatch(text) is not None and _is_day(text[:_DAY_LENGTH])


@lru_cache(maxsize=4_096)
def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _put_orders(made: _Made, name: str, traits: Traits) -> None:
    """What ranges and networks ask of a text."""
    if traits.number is not None:
        made.numbers.append(f"{name}{AS_TEXT}{traits.number}")
    if traits.address is not None:
        made.addresses.append(f"{name}{AS_TEXT}{traits.address}")


def _put_address(made: _Made, name: str, text: str) -> None:
    """What networks ask of a text."""
    if (address := address_of(text)) is not None:
        made.addresses.append(f"{name}{AS_TEXT}{address}")
