"""The terms of the values of some fields of a shape, as one text with a term a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from events import Value, values_of
from store.embedded.pairs import JOINER, MAX_VERBATIM, VALUE, field_term, one_a_line, present
from store.query.values import keyword, keyword_form

Long: TypeAlias = list[tuple[str, str]]
"""Fields with values, in lower case, that are no terms themselves."""


class ValueTerms:
    """Fields of a shape without a typed column, and text fields of which it is said that they are there."""

    __slots__ = ("_names", "_others", "_pieces", "_shorter", "_texts")

    def __init__(self, names: Sequence[str], others: Sequence[str], texts: Sequence[str]) -> None:
        """``names`` hold a single text, ``others`` something else; ``texts`` are text fields."""
        self._names = names
        self._others = [(name, field_term(name) + VALUE) for name in others]
        self._texts = texts
        self._pieces = _pieces(texts, names)
        self._shorter: dict[tuple[int, ...], list[str]] = {}

    def of(self, singles: Sequence[str], others: Sequence[Value]) -> tuple[str | None, Long]:
        """The terms of an event, by the values of its fields, and what is left of them to be made terms.

        The terms stand one a line; None, and nothing is left out, where a value has a character in the way.

        Raises:
            TypeError: one of ``singles`` is no single text.
        """
        long: Long = []
        pieces = self._pieces
        if max(map(len, singles), default=0) > MAX_VERBATIM:
            long, singles, pieces = self._apart(singles)
        pieces = pieces.copy()
        pieces[1::2] = singles
        terms = ["".join(pieces), *self._further(others, long)]
        joiners = max(len(self._texts) + len(singles) - 1, 0) + len(terms) - 1
        return one_a_line(JOINER.join(terms), joiners), long

    def every_value(self, singles: Sequence[str], others: Sequence[Value]) -> Long:
        """All values."""
        single = [(name, keyword(value)) for name, value in zip(self._names, singles, strict=True)]
        return single + [
            (name, form)
            for (name, _prefix), value in zip(self._others, others, strict=True)
            for item in values_of(value)
            if (form := keyword_form(item)) is not None
        ]

    def _apart(self, singles: Sequence[str]) -> tuple[Long, list[str], list[str]]:
        """The long values apart from the others, and the pieces that those are put in."""
        places = tuple(place for place, length in enumerate(map(len, singles)) if length > MAX_VERBATIM)
        if places not in self._shorter:
            names = [name for place, name in enumerate(self._names) if place not in places]
            self._shorter[places] = _pieces(self._texts, names)
        shorter = list(singles)
        for place in reversed(places):
            del shorter[place]
        long = [(self._names[place], keyword(single_text(singles[place]))) for place in places]
        return long, shorter, self._shorter[places]

    def _further(self, others: Sequence[Value], long: Long) -> list[str]:
        """The terms of lists and numbers; long values are added to ``long``."""
        terms = []
        for (name, prefix), value in zip(self._others, others, strict=True):
            for item in values_of(value):
                form = item if type(item) is str else keyword_form(item)
                if form is None:
                    continue
                if len(form) > MAX_VERBATIM:
                    long.append((name, keyword(form)))
                else:
                    terms.append(prefix + form)
        return terms


def single_text(value: Value) -> str:
    """A value of which its shape says that it is a text.

    Raises:
        TypeError: it is something else.
    """
    if type(value) is str:
        return value
    raise TypeError("no single text")


def _pieces(texts: Sequence[str], names: Sequence[str]) -> list[str]:
    """What stands before each value, each with a place for the value behind it."""
    head = JOINER.join(map(present, texts))
    prefixes = [f"{JOINER}{field_term(name)}{VALUE}" for name in names]
    if not prefixes:
        return [head]
    first = head + prefixes[0] if head else prefixes[0].removeprefix(JOINER)
    return [piece for prefix in [first, *prefixes[1:]] for piece in (prefix, "")]
