"""Screens by kind of document: what was learned from one is held against all that are alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from detection.match.frame import Frame
from detection.match.plan import Getter, getter
from detection.match.screen import Document, Screen
from detection.match.screening import UnclearError
from detection.routing import Router
from events import Event, Outline

Outlined: TypeAlias = Callable[[Document, bytes], tuple[Event, Outline] | None]
"""Gives the event that a document becomes, and the outline of all like it; None where nothing is known beforehand."""
_Shape: TypeAlias = tuple[tuple[str, ...], tuple[type, ...]]

_REMEMBERED_SCREENS = 5_000
_REMEMBERED_VERDICTS = 200_000
_BATCHES_BETWEEN_LOOKS = 16


@dataclass(frozen=True, slots=True)
class _Kinds:
    """The screens of one shape, by the values that settle the outline and the routes; None where there can be none."""

    names: tuple[str, ...]
    values: Getter
    known: dict[tuple[object, ...], Screen | None] = field(default_factory=dict)


class Screens:
    """Screens documents of any kind; what it can't screen is never quiet. Not for several threads at once.

    Args:
        outlined: tells what is known of documents.
        router, open_frames: the way of an event to its rules.
    """

    def __init__(self, outlined: Outlined, router: Router, open_frames: Callable[[Event], tuple[Frame, ...]]) -> None:
        self._outlined = outlined
        self._router = router
        self._open_frames = open_frames
        self._kinds: dict[_Shape, _Kinds] = {}
        self._batches = 0

    def is_quiet(self, document: Document, raw: bytes) -> bool:
        """Whether a record certainly becomes an event that no rule matches."""
        shape = (tuple(document), tuple(map(type, document.values())))
        try:
            kinds = self._kinds[shape]
            screen = kinds.known[kinds.values(document)]
        except KeyError:
            screen = self._learn(document, raw, shape)
        return screen is not None and screen.is_quiet(document, raw)

    def forget_verdicts(self) -> None:
        """Drop what is remembered of combinations of values."""
        for screen in self._screens():
            screen.forget()

    def trim(self) -> bool:
        """Keep verdicts within their bounds; returns whether there are more screens than should be kept.

        It is asked after every batch and looks after some, since looking takes as long as screening many records.
        """
        self._batches += 1
        if self._batches % _BATCHES_BETWEEN_LOOKS:
            return False
        screens = self._screens()
        if sum(screen.remembered for screen in screens) > _REMEMBERED_VERDICTS:
            self.forget_verdicts()
        kinds = len(self._kinds) + sum(len(each.known) for each in self._kinds.values())
        return kinds > _REMEMBERED_SCREENS

    def forget(self) -> None:
        """Drop every screen."""
        self._kinds.clear()

    def _screens(self) -> list[Screen]:
        return [screen for kinds in self._kinds.values() for screen in kinds.known.values() if screen is not None]

    def _learn(self, document: Document, raw: bytes, shape: _Shape) -> Screen | None:
        """The screen for a document and those like it: of its shape, and agreeing in the values that settle it."""
        known = self._outlined(document, raw)
        settling = _settling(known[1], self._router.looked_at(known[0])) if known else None
        kinds = self._kinds.get(shape)
        if kinds is None:
            kinds = self._kinds[shape] = _Kinds(settling or (), getter(settling or ()))
        screen = None
        if known and settling is not None and set(settling) <= set(kinds.names):
            screen = self._screen(*known)
        kinds.known[kinds.values(document)] = screen
        return screen

    def _screen(self, event: Event, outline: Outline) -> Screen | None:
        try:
            return Screen(outline.proof, tuple(frame.screen(outline) for frame in self._open_frames(event)))
        except UnclearError:
            return None


def _settling(outline: Outline, looked_at: Sequence[str]) -> tuple[str, ...] | None:
    """The names of a document whose values settle its outline and its routes; None where they aren't told."""
    if not outline.others.isdisjoint(looked_at):
        return None
    deciding = (outline.origins[name].name for name in looked_at if name in outline.origins)
    return tuple(dict.fromkeys((*outline.settled_by, *deciding)))
