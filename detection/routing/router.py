"""From an event to the routes it takes."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import TypeAlias

from detection.routing.policy import Route
from events import Event, values_of

Shape: TypeAlias = tuple[str, ...]
"""The names of an event's fields, in order: events of one shape have their fields in the same places."""

DATASET = "event.dataset"
"""What kind of events it is; the first thing that routes look at."""

_PRESENT = ["*"]


class Router:
    """Tells which of its routes an event takes, and by which of the event's values that is decided."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = routes

    def deciding(self, event: Event) -> list[str]:
        """The fields whose values decide; events of the same dataset and shape, alike in them, take the same routes.

        Of the routes that ask for a dataset, only those that accept the event's are looked at.
        """
        near = [route.where for route in self._routes if _may_take(event, route)]
        names = {name for where in near for name, accepted in where.items() if accepted != _PRESENT}
        return sorted(names.intersection(event))

    def routes_of(self, event: Event) -> tuple[int, ...]:
        """The positions of the routes that an event takes."""
        return tuple(position for position, route in enumerate(self._routes) if takes(event, route))


def takes(event: Event, route: Route) -> bool:
    """Whether an event fits every condition of a route; letter case does not count."""
    return all(_accepts(event, name, accepted) for name, accepted in route.where.items())


def _may_take(event: Event, route: Route) -> bool:
    accepted = route.where.get(DATASET)
    return accepted is None or not isinstance(event.get(DATASET), str) or _accepts(event, DATASET, accepted)


def _accepts(event: Event, name: str, accepted: Sequence[str]) -> bool:
    if name not in event:
        return False
    texts = [str(value).lower() for value in values_of(event[name])]
    return any(fnmatchcase(text, _as_glob(value)) for value in accepted for text in texts)


def _as_glob(value: str) -> str:
    """Only a ``*`` is special in an accepted value."""
    return value.lower().replace("[", "[[]").replace("?", "[?]")
