"""From an event to the routes it takes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
        self._near: dict[str | None, _Near] = {}

    def deciding(self, event: Event) -> list[str]:
        """The fields whose values decide; events of the same dataset and shape, alike in them, take the same routes.

        Of the routes that ask for a dataset, only those that accept the event's are looked at.
        """
        return [name for name in self._routes_near(event).deciding if name in event]

    def looked_at(self, event: Event) -> Sequence[str]:
        """All fields that those routes look at, if only for being there."""
        return self._routes_near(event).looked_at

    def routes_of(self, event: Event) -> tuple[int, ...]:
        """The positions of the routes that an event takes."""
        near = self._routes_near(event)
        texts = {name: _texts(event[name]) for name in near.looked_at if name in event}
        return tuple([position for position in near.positions if _takes(texts, self._routes[position])])

    def _routes_near(self, event: Event) -> _Near:
        """The routes that do not ask for another dataset than the event's."""
        dataset = event.get(DATASET)
        kind = dataset if isinstance(dataset, str) else None
        near = self._near.get(kind)
        if near is None:
            if len(self._near) >= _REMEMBERED:
                self._near.clear()
            near = self._near[kind] = self._find_near(kind)
        return near

    def _find_near(self, dataset: str | None) -> _Near:
        texts = None if dataset is None else _texts(dataset)
        positions = [
            position
            for position, where in enumerate(self._routes)
            if texts is None or DATASET not in where or where[DATASET].accepts(texts)
        ]
        conditions = [condition for position in positions for condition in self._routes[position].items()]
        deciding = sorted({name for name, accepted in conditions if not accepted.is_presence})
        return _Near(tuple(positions), tuple(deciding), tuple(sorted({name for name, _ in conditions})))


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

    def accepts(self, texts: Sequence[str]) -> bool:
        """Whether any of a field's values, in lower case, is accepted."""
        return not self._exact.isdisjoint(texts) or any(
            pattern.match(text) for pattern in self._patterns for text in texts
        )


@dataclass(frozen=True, slots=True)
class _Near:
    """The routes that events of one dataset may take, and the fields that decide and that are looked at at all."""

    positions: tuple[int, ...]
    deciding: tuple[str, ...]
    looked_at: tuple[str, ...]


def _takes(texts: Mapping[str, Sequence[str]], where: Mapping[str, _Accepted]) -> bool:
    for name, accepted in where.items():  # noqa: SIM110 (a generator costs more than the rest)
        if name not in texts or not accepted.accepts(texts[name]):
            return False
    return True


def _texts(value: Value) -> list[str]:
    return [str(each).lower() for each in values_of(value)]


def _as_glob(value: str) -> str:
    return value.replace("[", "[[]").replace("?", "[?]")
