"""The terms of the values of some fields of a shape, as one text with a term a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from events import Event, values_of
from store.embedded.pairs import JOINER, MAX_VERBATIM, VALUE, field_term, present, without_spaces
from store.query.values import keyword, keyword_form
from store.shapes import Getter, getter

Long: TypeAlias = list[tuple[str, str]]
"""Fields with values, in lower case, that are no terms themselves."""


class ValueTerms:
    """Fields of a shape without a typed column, and text fields of which it is said that they are there."""

    __slots__ = ("_names", "_others", "_pieces", "_shorter", "_texts", "_values")

    def __init__(self, names: Sequence[str], others: Sequence[str], texts: Sequence[str]) -> None:
        """``names`` hold a single text, ``others`` something else; ``texts`` are text fields."""
        self._names = names
        self._others = [(name, field_term(name) + VALUE) for name in others]
        self._texts = texts
        self._values = getter(names)
        self._pieces = _pieces(texts, names)
        self._shorter: dict[tuple[str, ...], tuple[Getter, list[str]]] = {}

    def of(self, event: Event) -> tuple[str | None, Long]:
        """The terms of an event, and what is left of its values to be made terms.

        The terms stand one a line; None, and nothing is left out, where a value has a character in the way.
        """
        values = list(map(str.lower, self._values(event)))
        long: Long = []
        pieces = self._pieces
        if max(map(len, values), default=0) > MAX_VERBATIM:
            long, values, pieces = self._apart(values, event)
        further = self._further(event, long)
        pieces = pieces.copy()
        pieces[1::2] = values
        joined = JOINER.join(["".join(pieces), *further])
        return without_spaces(joined, max(len(self._texts) + len(values) - 1, 0) + len(further)), long

    def every_value(self, event: Event) -> Long:
        """All values."""
        single = [(name, keyword(str(event[name]))) for name in self._names]
        return single + [
            (name, form)
            for name, _prefix in self._others
            for item in values_of(event[name])
            if (form := keyword_form(item)) is not None
        ]

    def _apart(self, values: list[str], event: Event) -> tuple[Long, list[str], list[str]]:
        """The long values apart from the others, and the pieces that those are put in."""
        named = zip(self._names, values, strict=True)
        long = [(name, keyword(value)) for name, value in named if len(value) > MAX_VERBATIM]
        apart = tuple(name for name, _value in long)
        if apart not in self._shorter:
            names = [name for name in self._names if name not in apart]
            self._shorter[apart] = getter(names), _pieces(self._texts, names)
        shorter, pieces = self._shorter[apart]
        return long, list(map(str.lower, shorter(event))), pieces

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


def _pieces(texts: Sequence[str], names: Sequence[str]) -> list[str]:
    """What stands before each value, each with a place for the value behind it."""
    head = JOINER.join(map(present, texts))
    prefixes = [JOINER + field_term(name) + VALUE for name in names]
    if not prefixes:
        return [head]
    first = head + prefixes[0] if head else prefixes[0].removeprefix(JOINER)
    return [piece for prefix in [first, *prefixes[1:]] for piece in (prefix, "")]
