"""What correlations hold of an event: who it is, when it was, which group it belongs to, what is measured of it.

There may be a million of them, so what most do not have stands apart and what many share is shared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple, TypeAlias

from detection.rules.correlation_rule import Number

Key: TypeAlias = str | tuple[str, ...]
"""The values of a group: a single one as it is, else all in the order of ``group-by``; see ``key_of``."""
Measured: TypeAlias = Number | Key
"""A number that is summed up, or a value or combination of values that is counted."""
EventRef: TypeAlias = tuple[str, int]
"""An event's id and its time in milliseconds."""


class Origin(NamedTuple):
    """Where items come from; most share one.

    Attributes:
        node: the correlation's place in its family.
        slot: which of the correlation's references they came by.
        dataset: of the events.
    """

    node: int
    slot: int
    dataset: str


class Details(NamedTuple):
    """What only some items have.

    Attributes:
        shown: the values of ``group-by`` as the event spells them; None where that is how they compare.
        carried: values that correlations over this one ask for.
        events: the events behind an occurrence; empty for an event.
        bound: the number with which a condition whose number stands in the events compares; None where it has none.
    """

    shown: Key | None = None
    carried: tuple[tuple[str, ...] | None, ...] = ()
    events: tuple[EventRef, ...] = ()
    bound: Number | None = None


NO_DETAILS = Details()


class Item(NamedTuple):
    """An event, or an occurrence of a correlation, as one correlation sees it.

    Attributes:
        time: of the event in milliseconds.
        id: of the event; of an occurrence, made of its correlation, group and time.
        key: the values of ``group-by``, spelled so that they compare as Sigma does, without regard to case.
        values: what is measured of it.
    """

    time: int
    id: str
    key: Key
    values: tuple[Measured, ...]
    origin: Origin
    details: Details = NO_DETAILS

    @property
    def shown(self) -> Key:
        """The values of ``group-by`` as the event spells them."""
        shown = self.details.shown
        return self.key if shown is None else shown


TIME: Callable[[Item], int] = itemgetter(0)
"""An item's time, read the fastest way."""
ID: Callable[[Item], str] = itemgetter(1)
"""Likewise its event's id."""
PLACE: Callable[[Item], tuple[int, str, Origin]] = itemgetter(0, 1, 4)
"""Its time, id and origin: the order of items; equal for an event that came twice, and for no other."""
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
    key: Key
    metric: Number
    fresh: tuple[Item, ...]
    window: tuple[Item, ...]
    last: Item


def key_of(texts: Sequence[str]) -> Key:
    """The key of a group with these values."""
    return texts[0] if len(texts) == 1 else tuple(texts)


def texts_of(key: Key) -> tuple[str, ...]:
    """The values of a key."""
    return (key,) if isinstance(key, str) else key


def folded(text: str) -> str:
    """A text as it compares: Sigma's values do without regard to case (specification 2.1, "General")."""
    lower = text.casefold()
    return text if lower == text else lower


def exact(number: float) -> Number:
    """A finite number as its shortest decimal spelling says it."""
    if isinstance(number, int):
        return number
    return int(number) if number.is_integer() else Fraction(repr(number))
