"""From an event to the routes it takes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import translate
from typing import TypeAlias

from detection.routing.policy import Route
from events import Event, Value, values_of

Shape: TypeAlias = tuple[str, ...]
"""The names of an event's fields, in order: events of one shape have their fields in the same places."""

DATASET = "event.dataset"
"""What kind of events it is; the first thing that routes look at."""

_ANYTHING = "*"
_REMEMBERED = 1_000


class Router:
    """Tells which of its routes an event takes, and by which of the event's values that is decided."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = [
            {name: _Accepted(tuple(accepted)) for name, accepted in route.where.items()} for route in routes
        ]
        self._near: dict[str, list[int]] = {}

    def deciding(self, event: Event) -> list[str]:
        """The fields whose values decide; events of the same dataset and shape, alike in them, take the same routes.

        Of the routes that ask for a dataset, only those that accept the event's are looked at.
        """
        near = (self._routes[position] for position in self._positions_near(event))
        names = {name for where in near for name, accepted in where.items() if not accepted.is_presence}
        return sorted(names.intersection(event))

    def looked_at(self, event: Event) -> list[str]:
        """All fields that those routes look at, if only for being there."""
        return sorted({name for position in self._positions_near(event) for name in self._routes[position]})

    def routes_of(self, event: Event) -> tuple[int, ...]:
        """The positions of the routes that an event takes."""
        return tuple(position for position in self._positions_near(event) if _takes(event, self._routes[position]))

    def _positions_near(self, event: Event) -> list[int]:
        """The routes that do not ask for another dataset than the event's."""
        dataset = event.get(DATASET)
        if not isinstance(dataset, str):
            return list(range(len(self._routes)))
        near = self._near.get(dataset)
        if near is None:
            if len(self._near) >= _REMEMBERED:
                self._near.clear()
            near = self._near[dataset] = [
                position
                for position, where in enumerate(self._routes)
                if DATASET not in where or where[DATASET].accepts(dataset)
            ]
        return near


def takes(event: Event, route: Route) -> bool:
    """Whether an event fits every condition of a route; letter case does not count."""
    return bool(Router([route]).routes_of(event))


class _Accepted:
    """The values that a route accepts of one field; only a ``*`` is special in them."""

    def __init__(self, values: tuple[str, ...]) -> None:
        folded = [value.lower() for value in values]
        self.is_presence = values == (_ANYTHING,)
        self._exact = frozenset(value for value in folded if _ANYTHING not in value)
        self._patterns = [re.compile(translate(_as_glob(value))) for value in folded if _ANYTHING in value]

    def accepts(self, value: Value) -> bool:
        """Whether any of a field's values is accepted; letter case does not count."""
        for each in values_of(value):
            text = str(each).lower()
            if text in self._exact or any(pattern.match(text) for pattern in self._patterns):
                return True
        return False


def _takes(event: Event, where: dict[str, _Accepted]) -> bool:
    return all(name in event and accepted.accepts(event[name]) for name, accepted in where.items())


def _as_glob(value: str) -> str:
    return value.replace("[", "[[]").replace("?", "[?]")
