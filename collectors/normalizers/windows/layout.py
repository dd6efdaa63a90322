"""Where the values of a document go in the event, decided once for all documents of one shape.

A shape is the names of a document in their order, with the types of its values. Shippers write few of them, so that
nearly all values of nearly all documents are moved in one step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import TypeAlias

from events import Event, Origin, Scalar
from events.outline import Convert

Place: TypeAlias = Callable[[Event, str, object], None]
"""Puts one named value where it belongs."""
Target: TypeAlias = Callable[[str, type], str | None]
"""The event name of all values of a name and type; None where the value itself decides, or more than one."""
Converted: TypeAlias = Callable[[str, type], tuple[str, Convert] | None]
"""The event name of all values of a name and type, and how they are written; None as above."""
_Shape: TypeAlias = tuple[tuple[str, ...], tuple[type, ...]]

_REMEMBERED = 4096
_FEWEST = 2


@dataclass(frozen=True, slots=True)
class _Layout:
    """What becomes of the values of one shape.

    Attributes:
        moved: names of the values that are moved as they are; ``targets`` are their event names.
        values: takes these values out of a document.
        converted: (name, event name, conversion) of values that are written otherwise.
        others: names that are placed one by one.
    """

    moved: tuple[str, ...]
    values: Callable[[Mapping[str, object]], tuple[Scalar, ...]]
    targets: tuple[str, ...]
    converted: tuple[tuple[str, str, Convert], ...]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sketch:
    """The event fields that documents of one shape fill from one value each, and the names placed one by one."""

    origins: dict[str, Origin]
    others: tuple[str, ...]


class Layouts:
    """The layouts of one dialect, by shape.

    Args:
        moved: where values go as they are.
        converted: where values go that are written otherwise.
        place: puts every other value where it belongs, and any value where the order of values matters.
    """

    def __init__(self, moved: Target, converted: Converted, place: Place) -> None:
        self._moved = moved
        self._converted = converted
        self._place = place
        self._known: dict[_Shape, _Layout | None] = {}

    def put(self, event: Event, document: Mapping[str, object]) -> None:
        """Put every value of a document into the event."""
        layout = self._layout_of(document)
        if layout is None:
            for name, value in document.items():
                self._place(event, name, value)
            return
        event.update(zip(layout.targets, layout.values(document), strict=True))
        for name, target, convert in layout.converted:
            event[target] = convert(document[name])
        for name in layout.others:
            self._place(event, name, document[name])

    def sketch(self, document: Mapping[str, object]) -> Sketch | None:
        """Where the values of all documents of this one's shape go; None where they are placed one by one."""
        layout = self._layout_of(document)
        if layout is None:
            return None
        moved = zip(layout.targets, map(Origin, layout.moved), strict=True)
        converted = ((target, Origin(name, convert)) for name, target, convert in layout.converted)
        return Sketch(dict([*moved, *converted]), layout.others)

    def _layout_of(self, document: Mapping[str, object]) -> _Layout | None:
        shape = (tuple(document), tuple(map(type, document.values())))
        try:
            return self._known[shape]
        except KeyError:
            return self._learn(shape)

    def _learn(self, shape: _Shape) -> _Layout | None:
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        layout = self._known[shape] = self._layout(shape)
        return layout

    def _layout(self, shape: _Shape) -> _Layout | None:
        """The layout of a shape; None where the order of its values matters, so that all are placed one by one."""
        columns = list(zip(*shape, strict=True))
        moved = {name: target for name, kind in columns if (target := self._moved(name, kind)) is not None}
        converted = {name: way for name, kind in columns if (way := self._converted(name, kind)) is not None}
        others = tuple(name for name, _ in columns if name not in moved and name not in converted)
        targets = [*moved.values(), *(target for target, _ in converted.values())]
        targets += [target for name in others for target in self._possible_targets(name)]
        if len(set(targets)) < len(targets) or len(moved) < _FEWEST or any(kind is dict for _, kind in columns):
            return None
        ways = tuple((name, *way) for name, way in converted.items())
        return _Layout(tuple(moved), itemgetter(*moved), tuple(moved.values()), ways, others)

    def _possible_targets(self, name: str) -> set[str]:
        """Where values of a name go when they are of the usual types."""
        moved = {self._moved(name, kind) for kind in (str, int)}
        converted = {way[0] for kind in (str, int) if (way := self._converted(name, kind)) is not None}
        return {target for target in moved | converted if target is not None}
