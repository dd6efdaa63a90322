"""From an event to the routes it takes: once for each combination of the values that routes look at."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from detection.routing.policy import Route
from events import Event, Value, values_of

_PRESENT = ["*"]
_REMEMBERED = 50_000


class Router:
    """Tells which of its routes an event takes; remembers the answer for each combination of values."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = routes
        accepted = [(name, values) for route in routes for name, values in route.where.items()]
        self._by_value = sorted({name for name, values in accepted if values != _PRESENT})
        self._by_presence = sorted({name for name, _ in accepted} - set(self._by_value))
        self._known: dict[tuple[Value, ...], tuple[int, ...]] = {}

    def routes_of(self, event: Event) -> tuple[int, ...]:
        """The positions of the routes that the event takes."""
        key: tuple[Value, ...] = (
            *[event.get(name) for name in self._by_value],
            *[name in event for name in self._by_presence],
        )
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
