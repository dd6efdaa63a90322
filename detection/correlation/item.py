"""What correlations hold of an event: who it is, when it was, which group it belongs to, what is measured of it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple, TypeAlias

Number: TypeAlias = int | Fraction
"""An exact number; what is written as a decimal fraction is taken as written."""
Measured: TypeAlias = Number | tuple[str, ...]
"""A number that is summed up, or a combination of values that is counted."""
EventRef: TypeAlias = tuple[str, int]
"""An event's id and its time in milliseconds."""


class Item(NamedTuple):
    """An event, or an occurrence of a correlation, as one correlation sees it. Items sort by time, then by id.

    Attributes:
        time: of the event in milliseconds.
        id: of the event; of an occurrence, made of its correlation, group and time.
        node: the correlation's place in its family.
        slot: which of the correlation's references it came by.
        key: the values of ``group-by``, spelled so that they compare as Sigma does, without regard to case.
        shown: the same values as the event spells them.
        values: what is measured of it.
        carried: values that correlations over this one ask for.
        dataset: the event's own.
        events: the events behind an occurrence; empty for an event.
        bound: the number with which a condition whose number stands in the events compares; None where it has none.
    """

    time: int
    id: str
    node: int
    slot: int
    key: tuple[str, ...]
    shown: tuple[str, ...]
    values: tuple[Measured, ...]
    carried: tuple[tuple[str, ...] | None, ...]
    dataset: str
    events: tuple[EventRef, ...] = ()
    bound: Number | None = None


TIME: Callable[[Item], int] = itemgetter(0)
"""An item's time, read the fastest way."""
ID: Callable[[Item], str] = itemgetter(1)
"""Likewise its event's id."""
item_of: Callable[[tuple[Any, ...]], Item] = partial(tuple.__new__, Item)
"""An item of all its fields in their order; twice as fast as the class itself, which checks them."""


class Occurrence(NamedTuple):
    """A window that satisfies a condition.

    Attributes:
        time: its end; it begins the correlation's timespan before.
        metric: what was measured.
        fresh: the items in it that no earlier window of the group has told.
        window: all items in it, where a correlation over this one asks for them; else empty.
    """

    time: int
    key: tuple[str, ...]
    metric: Number
    fresh: tuple[Item, ...]
    window: tuple[Item, ...]
    last: Item


def folded(text: str) -> str:
    """A text as it compares: Sigma's values do without regard to case (specification 2.1, "General")."""
    lower = text.casefold()
    return text if lower == text else lower


def exact(number: float) -> Number:
    """A finite number as its shortest decimal spelling says it."""
    if isinstance(number, int):
        return number
    return int(number) if number.is_integer() else Fraction(repr(number))
