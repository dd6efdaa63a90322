"""An event as JSON can hold it: no numbers beyond 64 bits (made text), no lone surrogates (made ``?``)."""

from __future__ import annotations

import orjson

from events import Event, Scalar, Value

_LONG_LIMIT = 1 << 63


def storable(event: Event) -> tuple[Event, bytes]:
    """The event as it will be read back, and its JSON."""
    try:
        return event, orjson.dumps(event)
    except TypeError:
        made = cleaned(event)
        return made, orjson.dumps(made)


def cleaned(event: Event) -> Event:
    """The event without what JSON can't hold."""
    return {_clean(name): _clean_value(value) for name, value in event.items()}


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
