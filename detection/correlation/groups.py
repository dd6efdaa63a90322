"""The groups that a correlation holds, the stalest first: bounded in number, dropped when their time is over."""

from __future__ import annotations

from itertools import islice
from typing import Generic, Protocol, TypeVar

from detection.correlation.tally import Tally

_FORGOTTEN_SHARE = 64
_LOOKS_A_TIMESPAN = 32


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
        self.held: dict[tuple[str, ...], HeldT] = {}
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
