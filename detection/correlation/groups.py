"""The groups that a correlation holds, the stalest first: bounded in number, dropped when their time is over."""

from __future__ import annotations

from itertools import islice
from typing import Generic, Protocol, TypeVar

from detection.correlation.item import Item, Key
from detection.correlation.tally import Tally

_FORGOTTEN_SHARE = 64
_LOOKS_A_TIMESPAN = 32
_COMPACT = 64
"""How many places of left items at the front of a list are let be before the list is cut."""


class Group:
    """The items of one group in the order of time: ``items[head:]`` are held, of them ``items[fresh:]`` are untold."""

    __slots__ = ("fresh", "head", "items")

    def __init__(self, items: list[Item]) -> None:
        self.items = items
        self.head = 0
        self.fresh = 0

    @property
    def time(self) -> int:
        """Of the newest item."""
        return self.items[-1].time

    @property
    def untold(self) -> list[Item]:
        """The items that no occurrence has told."""
        return self.items[max(self.fresh, self.head) :]

    def leave(self, start: int) -> list[Item]:
        """Let go of the items before ``start``, and return them."""
        items, end = self.items, self.head
        while end < len(items) and items[end].time < start:
            end += 1
        return self._cut(end)

    def shorten(self, most: int) -> list[Item]:
        """Let go of the oldest items where there are more than ``most``, those of one event together."""
        items, end = self.items, len(self.items) - most
        if end <= self.head:
            return []
        while end < len(items) - 1 and items[end].id == items[end - 1].id:
            end += 1
        return self._cut(end)

    def _cut(self, end: int) -> list[Item]:
        gone = self.items[self.head : end]
        self.head = end
        if end > _COMPACT and end * 2 > len(self.items):
            del self.items[:end]
            self.fresh = max(0, self.fresh - end)
            self.head = 0
        return gone


class Held(Protocol):
    """What is held of a group."""

    @property
    def time(self) -> int:
        """Of its newest event."""


HeldT = TypeVar("HeldT", bound=Held)


class Groups(Generic[HeldT]):
    """Groups by their key. Whoever feeds one takes it out of ``held`` and puts it back, so that it is the newest."""

    __slots__ = ("_bound", "_looked", "_timespan", "held")

    def __init__(self, bound: int, timespan_ms: int) -> None:
        """Prepare for a number of groups whose events matter for some time."""
        self.held: dict[Key, HeldT] = {}
        self._bound = bound
        self._timespan = timespan_ms
        self._looked = 0

    @property
    def stalest(self) -> HeldT | None:
        """The group whose newest event is the oldest; None where none is held."""
        return next(iter(self.held.values()), None)

    def make_room(self, tally: Tally) -> None:
        """Before a new group: where there are too many, forget the stalest sixty-fourth of them."""
        if len(self.held) < self._bound:
            return
        stalest = list(islice(self.held, max(1, self._bound // _FORGOTTEN_SHARE)))
        for key in stalest:
            del self.held[key]
        tally.evicted_groups += len(stalest)

    def expire(self, before: int) -> None:
        """Drop the groups whose last event has left every window that is still to come, or will before long."""
        oldest = before - self._timespan
        if oldest - self._looked < self._timespan // _LOOKS_A_TIMESPAN:
            return
        self._looked = oldest
        gone = []
        for key, group in self.held.items():
            if group.time >= oldest:
                break
            gone.append(key)
        for key in gone:
            del self.held[key]
