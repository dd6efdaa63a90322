"""What events of one shape (the same fields, in general with values of the same types) have in common as documents.

Nearly all events of a source share a few shapes, so what is to be done with each field is found once a shape.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from events import Event, FieldType
from store.embedded.schema import EVENT_ID, TIMESTAMP
from store.embedded.stored import Writing
from store.embedded.value_terms import ValueTerms

Key: TypeAlias = tuple[Any, ...]

_MAX_SHAPES = 4_096
_UNTYPED = (FieldType.KEYWORD, FieldType.TEXT)


class Shape:
    """The fields of a shape by how they are indexed.

    Attributes:
        texts: text fields that hold a single text.
        other_texts: text fields that hold something else.
        typed: fields with a typed column.
        terms: makes the terms of the other fields.
        stored: writes the event as it is kept.
    """

    __slots__ = ("other_texts", "stored", "terms", "texts", "typed")

    def __init__(self, event: Event, types: Mapping[str, FieldType]) -> None:
        """The shape of an event."""
        single = {name for name, value in event.items() if type(value) is str}
        kinds = {name: types.get(name) for name in event if name not in (EVENT_ID, TIMESTAMP)}
        texts = [name for name, kind in kinds.items() if kind is FieldType.TEXT]
        valued = [name for name, kind in kinds.items() if kind is None or kind is FieldType.KEYWORD]
        self.texts = [name for name in texts if name in single]
        self.other_texts = [name for name in texts if name not in single]
        self.typed = [(name, kind) for name, kind in kinds.items() if kind is not None and kind not in _UNTYPED]
        names, others = [name for name in valued if name in single], [name for name in valued if name not in single]
        self.terms = ValueTerms(names, others, self.texts)
        self.stored = Writing([*event], single)


class Shapes:
    """The shapes met so far; forgotten when they become too many."""

    def __init__(self, types: Mapping[str, FieldType]) -> None:
        """Nothing is known before the first event; ``types`` are the typed fields of the index."""
        self._types = types
        self._known: dict[Key, Shape] = {}

    def of(self, event: Event) -> Shape:
        """The shape of events with these fields: what an event of this one can't be built by raises a TypeError."""
        return self._kept(tuple(event), event)

    def exactly_of(self, event: Event) -> Shape:
        """The shape of events with these fields and values of these types."""
        return self._kept((*event, *map(type, event.values())), event)

    def _kept(self, key: Key, event: Event) -> Shape:
        shape = self._known.get(key)
        if shape is None:
            if len(self._known) >= _MAX_SHAPES:
                self._known.clear()
            shape = self._known[key] = Shape(event, self._types)
        return shape


@lru_cache(maxsize=4)
def shapes_with(types: Sequence[tuple[str, FieldType]]) -> Shapes:
    """The shapes that all indexes with the same typed fields share."""
    return Shapes(dict(types))
