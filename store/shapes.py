"""The shapes of events: alike events have the same fields, in general with values of the same types.

Nearly all events of a source share a few shapes, so what is to be done with each field is found once a shape.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, Generic, TypeAlias, TypeVar

from events import Event

ShapeT = TypeVar("ShapeT")
Getter: TypeAlias = Callable[[Event], tuple[Any, ...]]
_Key: TypeAlias = tuple[Any, ...]

_MOST = 4_096


class Shapes(Generic[ShapeT]):
    """The shapes met so far; forgotten when they become too many."""

    def __init__(self, make: Callable[[Event], ShapeT]) -> None:
        """Nothing is known before the first event; ``make`` finds out the shape of one."""
        self._make = make
        self._known: dict[_Key, ShapeT] = {}

    def of(self, event: Event) -> ShapeT:
        """The shape of events with these fields: using it on an event that doesn't fit it must raise a TypeError."""
        return self._kept(tuple(event), event)

    def exactly_of(self, event: Event) -> ShapeT:
        """The shape of events with these fields and values of these types."""
        return self._kept((*event, *map(type, event.values())), event)

    def _kept(self, key: _Key, event: Event) -> ShapeT:
        shape = self._known.get(key)
        if shape is None:
            if len(self._known) >= _MOST:
                self._known.clear()
            shape = self._known[key] = self._make(event)
        return shape


def getter(names: Sequence[str]) -> Getter:
    """What takes the values of some fields out of an event."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda event: tuple(event[name] for name in names)
