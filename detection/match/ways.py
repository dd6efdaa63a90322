"""The way of an event to its plans: by its dataset and shape, then by the few values that its routes look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from detection.match.frame import Frame
from detection.match.plan import Getter, Plan, getter
from detection.routing import DATASET, Router, Shape
from events import Event, Value

Planned: TypeAlias = tuple[tuple[Plan, Frame], ...]
"""The plans for one kind of event of one shape, each with its frame."""
Open: TypeAlias = Callable[[tuple[int, ...]], tuple[Frame, ...]]
"""Gives the frames of the routes that an event takes."""

_REMEMBERED_WAYS = 50_000
_REMEMBERED_RESULTS = 200_000
_BATCHES_BETWEEN_LOOKS = 16


@dataclass(frozen=True, slots=True)
class _Way:
    """Of one dataset and shape: the values that decide the routes, and the plans by those values and by the routes."""

    values: Getter
    known: dict[tuple[Value, ...], Planned] = field(default_factory=dict)
    planned: dict[tuple[int, ...], Planned] = field(default_factory=dict)


class Ways:
    """Leads events to their plans; remembers every way taken, within bounds."""

    def __init__(self, router: Router, open_frames: Open) -> None:
        self._router = router
        self._open = open_frames
        self._ways: dict[tuple[Value, Shape], _Way] = {}
        self._batches = 0

    def plans(self, event: Event) -> Planned:
        """The plans for an event; none when no route leads it anywhere."""
        shape = tuple(event)
        dataset = event.get(DATASET)
        kind = (dataset if dataset.__class__ is str else None, shape)
        way = self._ways.get(kind)
        if way is None:
            way = self._ways[kind] = _Way(getter(self._router.deciding(event)))
        values = way.values(event)
        try:
            planned = way.known.get(values)
        except TypeError:  # a list is no key
            values = tuple(str(value) for value in values)
            planned = way.known.get(values)
        if planned is None:
            planned = way.known[values] = self._plan(event, shape, way)
        return planned

    def forget(self) -> None:
        """Drop every way and plan."""
        self._ways.clear()

    def trim(self) -> None:
        """Keep what is remembered within its bounds; called after every batch, it looks after some."""
        self._batches += 1
        if self._batches % _BATCHES_BETWEEN_LOOKS:
            return
        ways = list(self._ways.values())
        results = sum(len(plan.results) for way in ways for planned in way.planned.values() for plan, _ in planned)
        if results > _REMEMBERED_RESULTS or len(ways) + sum(len(way.known) for way in ways) > _REMEMBERED_WAYS:
            self.forget()

    def _plan(self, event: Event, shape: Shape, way: _Way) -> Planned:
        routes = self._router.routes_of(event)
        planned = way.planned.get(routes)
        if planned is None:
            planned = way.planned[routes] = tuple((frame.plan(shape), frame) for frame in self._open(routes))
        return planned
