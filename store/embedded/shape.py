"""What events of one shape (the same fields, in general with values of the same types) have in common as documents.

Nearly all events of a source share a few shapes, so what is to be done with each field is found once a shape. Which
fields make a group (``groups``) is learned from the first events of a shape: those that hardly vary.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from events import Event, FieldType
from store.embedded.groups import group_of
from store.embedded.pairs import JOINER
from store.embedded.schema import EVENT_ID, TIMESTAMP
from store.embedded.stored import Writing, getter
from store.embedded.value_terms import Long, ValueTerms

Key: TypeAlias = tuple[Any, ...]

_MAX_SHAPES = 4_096
_UNTYPED = (FieldType.KEYWORD, FieldType.TEXT)
_LEARNED_FROM = 64
"""Events of a shape."""
_HARDLY = 2
"""Different values of a field that hardly varies."""
_MOST_GROUPS = 16
"""Of a shape; with more, the fields that vary are left out."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a shape by how they are indexed.

    Attributes:
        every: all of them.
        single: those that hold a single text.
        texts: text fields that hold a single text.
        other_texts: text fields that hold something else.
        typed: fields with a typed column.
        names: other fields that hold a single text.
        lists: other fields that hold a list.
        others: other fields that hold something else.
    """

    every: list[str]
    single: set[str]
    texts: list[str]
    other_texts: list[str]
    typed: list[tuple[str, FieldType]]
    names: list[str]
    lists: list[str]
    others: list[str]


def fields_of(event: Event, types: Mapping[str, FieldType]) -> Fields:
    """The fields of an event's shape."""
    single = {name for name, value in event.items() if type(value) is str}
    lists = {name for name, value in event.items() if type(value) is list}
    kinds = {name: types.get(name) for name in event if name not in (EVENT_ID, TIMESTAMP)}
    texts = [name for name, kind in kinds.items() if kind is FieldType.TEXT]
    valued = [name for name, kind in kinds.items() if kind is None or kind is FieldType.KEYWORD]
    return Fields(
        list(event),
        single,
        [name for name in texts if name in single],
        [name for name in texts if name not in single],
        [(name, kind) for name, kind in kinds.items() if kind is not None and kind not in _UNTYPED],
        [name for name in valued if name in single],
        [name for name in valued if name in lists],
        [name for name in valued if name not in single and name not in lists],
    )


class Division:
    """The fields of a shape divided into those that make its groups and those that are indexed by themselves."""

    __slots__ = ("_common", "_groups", "_lists", "_own", "_values", "_whole", "stored")

    def __init__(self, fields: Fields, common: set[str]) -> None:
        """``common`` are the fields that make groups."""
        names = [name for name in fields.names if name in common]
        self._lists = [name for name in fields.lists if name in common]
        self._common = names + self._lists
        self._values = getter(names)
        self._groups: dict[str, str | None] = {}
        self._own = ValueTerms(
            [name for name in fields.names if name not in common],
            [name for name in fields.lists if name not in common] + fields.others,
            fields.texts,
        )
        self._whole = ValueTerms(fields.names, fields.lists + fields.others, fields.texts)
        self.stored = Writing(fields.every, fields.single, self._common)

    @property
    def is_crowded(self) -> bool:
        """Whether the fields make too many groups."""
        return len(self._groups) > _MOST_GROUPS

    def steady(self) -> set[str]:
        """The fields of the groups that hardly vary, fewer than now."""
        columns = zip(*(key.split(JOINER) for key in self._groups), strict=False)
        found = {name for name, values in zip(self._common, columns, strict=False) if len({*values}) <= _HARDLY}
        return found if len(found) < len(self._common) else set()

    def terms(self, event: Event) -> tuple[str | None, Long]:
        """The terms of an event's fields without a typed column, one a line, and what is left to be made terms.

        None, and nothing is left out, where a value has a character in the way.
        """
        group = self._group(event)
        if group is None:
            return self._whole.of(event)
        terms, long = self._own.of(event)
        return (None, []) if terms is None else (f"{group}\n{terms}", long)

    def every_value(self, event: Event) -> Long:
        """All values of the fields without a typed column."""
        return self._whole.every_value(event)

    def _group(self, event: Event) -> str | None:
        """The term of the group of an event, None where it has none."""
        if not self._common:
            return None
        key = JOINER.join((*self._values(event), *[repr(event[name]) for name in self._lists]))
        if key not in self._groups:
            self._groups[key] = group_of(event, self._common).term()
        return self._groups[key]


class Shape:
    """The fields of a shape, and how they are divided."""

    __slots__ = ("_division", "_observed", "_unseen", "fields")

    def __init__(self, event: Event, types: Mapping[str, FieldType]) -> None:
        """The shape of an event."""
        self.fields = fields_of(event, types)
        self._division = Division(self.fields, set())
        self._observed: dict[str, set[str]] = {name: set() for name in self.fields.names + self.fields.lists}
        self._unseen = _LEARNED_FROM

    def division(self, event: Event) -> Division:
        """How the fields are divided that an event has."""
        if self._unseen:
            self._observe(event)
        elif self._division.is_crowded:
            self._division = Division(self.fields, self._division.steady())
        return self._division

    def _observe(self, event: Event) -> None:
        for name, values in self._observed.items():
            if len(values) <= _HARDLY:
                values.add(repr(event[name]))
        self._unseen -= 1
        if not self._unseen:
            common = {name for name, values in self._observed.items() if len(values) <= _HARDLY}
            self._division = Division(self.fields, common)


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
