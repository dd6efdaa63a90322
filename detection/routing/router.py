"""From an event to the routes it takes: once for each combination of the values that routes look at."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import TypeAlias

from detection.routing.policy import Route
from events import Event, Value, values_of

Shape: TypeAlias = tuple[str, ...]
"""The names of an event's fields, in order: events of one shape have their fields in the same places."""

_PRESENT = ["*"]
_REMEMBERED = 50_000


class Router:
    """Tells which of its routes an event takes; remembers the answer for each combination of values."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = routes
        self._names = sorted({name for route in routes for name in route.where})
        self._whole = {name for route in routes for name, accepted in route.where.items() if accepted != _PRESENT}
        self._present: dict[Shape, tuple[tuple[str, ...], tuple[str, ...]]] = {}
        self._known: dict[tuple[Value | tuple[str, ...], ...], tuple[int, ...]] = {}

    def routes_of(self, event: Event, shape: Shape) -> tuple[int, ...]:
        """The positions of the routes that an event of this shape takes."""
        present = self._present.get(shape)
        if present is None:
            present = self._names_in(shape)
        names, read = present
        key: tuple[Value | tuple[str, ...], ...] = (names, *[event[name] for name in read])
        try:
            known = self._known.get(key)
        except TypeError:  # a field holds several values
            key = tuple(str(part) for part in key)
            known = self._known.get(key)
        if known is None:
            known = self._find(event)
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[key] = known
        return known

    def _names_in(self, shape: Shape) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The fields of a shape that any route looks at, and those of them whose value matters."""
        held = frozenset(shape)
        names = tuple(name for name in self._names if name in held)
        present = (names, tuple(name for name in names if name in self._whole))
        if len(self._present) >= _REMEMBERED:
            self._present.clear()
        self._present[shape] = present
        return present

    def _find(self, event: Event) -> tuple[int, ...]:
        return tuple(position for position, route in enumerate(self._routes) if takes(event, route))


def takes(event: Event, route: Route) -> bool:
    """Whether an event fits every condition of a route; letter case does not count."""
    return all(_accepts(event, name, accepted) for name, accepted in route.where.items())


def _accepts(event: Event, name: str, accepted: Sequence[str]) -> bool:
    if name not in event:
        return False
    texts = [str(value).lower() for value in values_of(event[name])]
    return any(fnmatchcase(text, _as_glob(value)) for value in accepted for text in texts)


def _as_glob(value: str) -> str:
    """Only a ``*`` is special in an accepted value."""
    return value.lower().replace("[", "[[]").replace("?", "[?]")
