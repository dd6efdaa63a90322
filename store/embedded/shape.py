"""What events of one shape (the same fields, with values of the same Python types) have in common as documents.

Nearly all events of a source share a few shapes, so what is to be done with each field is found once a shape.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any, TypeAlias

from events import Event, FieldType, values_of
from store.embedded.pairs import JOINER, MAX_VERBATIM, PRESENT, VALUE, field_term, without_spaces
from store.embedded.schema import EVENT_ID, TIMESTAMP
from store.query.values import keyword, keyword_form

Key: TypeAlias = tuple[Any, ...]
Getter: TypeAlias = Callable[[Event], tuple[Any, ...]]
Long: TypeAlias = list[tuple[str, str]]
"""Fields with values, in lower case, that are no terms themselves."""

_MAX_SHAPES = 4_096
_UNTYPED = (FieldType.KEYWORD, FieldType.TEXT)


class Shape:
    """The fields of a shape by how they are indexed.

    Attributes:
        texts: text fields that hold a single text.
        other_texts: text fields that hold something else.
        typed: fields with a typed column.
    """

    __slots__ = ("_names", "_others", "_shorter", "_template", "_values", "other_texts", "texts", "typed")

    def __init__(self, event: Event, types: Mapping[str, FieldType]) -> None:
        """The shape of an event."""
        single = {name for name, value in event.items() if type(value) is str}
        kinds = {name: types.get(name) for name in event if name not in (EVENT_ID, TIMESTAMP)}
        texts = [name for name, kind in kinds.items() if kind is FieldType.TEXT]
        valued = [name for name, kind in kinds.items() if kind is None or kind is FieldType.KEYWORD]
        self.texts = [name for name in texts if name in single]
        self.other_texts = [name for name in texts if name not in single]
        self.typed = [(name, kind) for name, kind in kinds.items() if kind is not None and kind not in _UNTYPED]
        self._names = [name for name in valued if name in single]
        self._others = [(name, field_term(name) + VALUE) for name in valued if name not in single]
        self._values = _getter(self._names)
        self._template = _template(self.texts, self._names)
        self._shorter: dict[tuple[str, ...], tuple[Getter, str]] = {}

    def terms(self, event: Event) -> tuple[str | None, Long]:
        """The terms of the fields without a typed column, and what is left of them to be made terms.

        The terms stand one a line; None, and nothing is left out, where a value has a character in the way.
        """
        values = list(map(str.lower, self._values(event)))
        long: Long = []
        template = self._template
        if max(map(len, values), default=0) > MAX_VERBATIM:
            long, values, template = self._apart(values, event)
        further = self._further(event, long)
        joined = JOINER.join([template % tuple(values), *further])
        return without_spaces(joined, max(len(self.texts) + len(values) - 1, 0) + len(further)), long

    def every_value(self, event: Event) -> Long:
        """All values of the fields without a typed column."""
        single = [(name, keyword(str(event[name]))) for name in self._names]
        return single + [
            (name, form)
            for name, _prefix in self._others
            for item in values_of(event[name])
            if (form := keyword_form(item)) is not None
        ]

    def _apart(self, values: list[str], event: Event) -> tuple[Long, list[str], str]:
        """The long values apart from the others, and the template of those."""
        named = zip(self._names, values, strict=True)
        long = [(name, keyword(value)) for name, value in named if len(value) > MAX_VERBATIM]
        apart = tuple(name for name, _value in long)
        if apart not in self._shorter:
            names = [name for name in self._names if name not in apart]
            self._shorter[apart] = _getter(names), _template(self.texts, names)
        getter, template = self._shorter[apart]
        return long, list(map(str.lower, getter(event))), template

    def _further(self, event: Event, long: Long) -> list[str]:
        """The terms of lists and numbers; long values are added to ``long``."""
        terms = []
        for name, prefix in self._others:
            value = event[name]
            for item in values_of(value):
                form = item.lower() if type(item) is str else keyword_form(item)
                if form is None:
                    continue
                if len(form) > MAX_VERBATIM:
                    long.append((name, keyword(form)))
                else:
                    terms.append(prefix + form)
        return terms


class Shapes:
    """The shapes met so far; forgotten when they become too many."""

    def __init__(self, types: Mapping[str, FieldType]) -> None:
        """Nothing is known before the first event; ``types`` are the typed fields of the index."""
        self._types = types
        self._known: dict[Key, Shape] = {}

    def of(self, event: Event) -> Shape:
        """The shape of an event."""
        key = (*event, *map(type, event.values()))
        shape = self._known.get(key)
        if shape is None:
            if len(self._known) >= _MAX_SHAPES:
                self._known.clear()
            shape = self._known[key] = Shape(event, self._types)
        return shape


def _template(texts: list[str], names: list[str]) -> str:
    terms = [f"{field_term(name)}{PRESENT}".replace("%", "%%") for name in texts]
    terms += [field_term(name).replace("%", "%%") + f"{VALUE}%s" for name in names]
    return JOINER.join(terms)


def _getter(names: list[str]) -> Getter:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda event: tuple(event[name] for name in names)
