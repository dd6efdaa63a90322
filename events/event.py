"""The flat form of an event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | None
Value: TypeAlias = Scalar | list[Scalar]
Event: TypeAlias = dict[str, Value]

MAX_DEPTH = 64
"""Levels of nesting that keep names of their own; anything deeper is refused as no log's honest shape."""


class NestingError(ValueError):
    """A document is nested more deeply than ``MAX_DEPTH``."""


def flatten(document: Mapping[str, object], prefix: str = "") -> Event:
    """Flatten a nested document into dotted names, keeping the original spelling of each name.

    Lists of scalars stay lists; a list of mappings gives each inner name the list of its values, in order, as
    Elasticsearch does. Empty mappings and empty lists vanish.

    Raises:
        NestingError: the document is nested more than ``MAX_DEPTH`` levels deep.
    """
    event: Event = {}
    _flatten_into(event, document, prefix, 0)
    return event


def _flatten_into(event: Event, document: Mapping[str, object], prefix: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise NestingError(f"{prefix[:80]}…: nested more than {MAX_DEPTH} levels deep")
    for name, value in document.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping):
            _flatten_into(event, value, f"{key}.", depth + 1)
        elif isinstance(value, list):
            _flatten_list(event, value, key, depth + 1)
        elif isinstance(value, str | int | float | bool) or value is None:
            _put(event, key, value)
        else:
            _put(event, key, str(value))


def _flatten_list(event: Event, items: Iterable[object], key: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise NestingError(f"{key[:80]}…: nested more than {MAX_DEPTH} levels deep")
    for item in items:
        if isinstance(item, Mapping):
            inner: Event = {}
            _flatten_into(inner, item, f"{key}.", depth + 1)
            for name, value in inner.items():
                for scalar in values_of(value):
                    _append(event, name, scalar)
        elif isinstance(item, list):
            _flatten_list(event, item, key, depth + 1)
        elif isinstance(item, str | int | float | bool) or item is None:
            _append(event, key, item)
        else:
            _append(event, key, str(item))


def _put(event: Event, key: str, value: Scalar) -> None:
    """Set a name, or add to it where two spellings of a document meet in one name."""
    if key in event:
        _append(event, key, value)
    else:
        event[key] = value


def _append(event: Event, key: str, value: Scalar) -> None:
    present = event.get(key)
    if isinstance(present, list):
        present.append(value)
    elif key in event:
        event[key] = [present, value]
    else:
        event[key] = [value]


def values_of(value: Value) -> list[Scalar]:
    """The values of a field as a list, whether it holds one or many."""
    return value if isinstance(value, list) else [value]
