"""Windows that begin with an event, for conditions with ``not``: whether something stays away shows when they end.

A window begins with each event of a rule that must match and lasts the timespan. The condition holds when every rule
that must match did, in order where that is asked, and none that must not.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from detection.correlation.groups import Groups
from detection.correlation.item import Item, Occurrence
from detection.correlation.policy import CorrelationPolicy
from detection.correlation.rule import Term
from detection.correlation.tally import Tally
from detection.correlation.waiting import mates_of


class _Group:
    """The items of one group; the times of each slot beside them, in order."""

    __slots__ = ("fresh", "items", "times")

    def __init__(self, slots: Iterable[int]) -> None:
        self.items: list[Item] = []
        self.fresh = 0
        self.times: dict[int, list[int]] = {slot: [] for slot in slots}

    @property
    def time(self) -> int:
        """Of the newest item."""
        return self.items[-1].time


class ForwardWindows:
    """The groups of one alternative of a condition with ``not``; fed in the order of time."""

    def __init__(self, timespan_ms: int, term: Term, bounds: CorrelationPolicy, *, ordered: bool) -> None:
        """Prepare for windows in which a term holds."""
        self.tells_window = False
        self._timespan = timespan_ms
        self._term = term
        self._ordered = ordered
        self._bounds = bounds
        self.groups: Groups[_Group] = Groups(bounds.groups, timespan_ms)
        self._ending: deque[tuple[int, tuple[str, ...]]] = deque()

    @property
    def is_waiting(self) -> bool:
        """Whether a window has begun that has not ended."""
        return bool(self._ending)

    @property
    def oldest_window(self) -> int | None:
        """When the oldest window began that has not ended; None where none is open."""
        return self._ending[0][0] - self._timespan if self._ending else None

    def run(self, items: list[Item], before: int, tally: Tally) -> list[Occurrence]:
        """Take items in the order of time, all of them before ``before``; the occurrences whose window ends by then."""
        found: list[Occurrence] = []
        for mates in mates_of(items):
            found += self._ended(mates[0].time)
            self._feed(mates, tally)
        found += self._ended(before)
        self.groups.expire(before)
        return found

    def _feed(self, items: list[Item], tally: Tally) -> None:
        """Take the items of one group and one time."""
        key = items[0].key
        group = self.groups.held.pop(key, None)
        if group is None:
            self.groups.make_room(tally)
            group = _Group(sorted(self._term.present | self._term.absent))
        self.groups.held[key] = group
        group.items += items
        time = items[0].time
        slots = {item.slot for item in items}
        for slot in slots & group.times.keys():
            group.times[slot].append(time)
        if slots & self._term.present:
            self._ending.append((time + self._timespan, key))
            if len(self._ending) > self._bounds.waiting_events:
                self._ending.popleft()
                tally.evicted_events += 1
        if len(group.items) > self._bounds.events_a_group:
            tally.evicted_events += _forget(group, group.items[-self._bounds.events_a_group].time)

    def _ended(self, before: int) -> Iterator[Occurrence]:
        """The occurrences whose window ends before a time."""
        while self._ending and self._ending[0][0] < before:
            end, key = self._ending.popleft()
            group = self.groups.held.get(key)
            if group is not None:
                start = end - self._timespan
                _forget(group, start)
                if self._satisfied(group, start, end):
                    yield self._occurrence(key, group, end)

    def _satisfied(self, group: _Group, start: int, end: int) -> bool:
        if any(_next(group.times[slot], start) <= end for slot in self._term.absent):
            return False
        if not self._ordered:
            return all(_next(group.times[slot], start) <= end for slot in self._term.present)
        earliest: float = start
        for slot in sorted(self._term.present):
            found = _next(group.times[slot], earliest)
            if found > end:
                return False
            earliest = found + 1
        return True

    def _occurrence(self, key: tuple[str, ...], group: _Group, end: int) -> Occurrence:
        last = bisect_right(group.items, end, key=_time)
        window = group.items[:last]
        told = [item for item in window if item.slot in self._term.present]
        fresh = [item for item in window[group.fresh :] if item.slot in self._term.present]
        group.fresh = last
        carried = tuple(told) if self.tells_window else ()
        return Occurrence(end, key, len(self._term.present), tuple(fresh), carried, told[-1])


def _next(times: Sequence[int], start: float) -> float:
    """The first time not before a start."""
    place = bisect_left(times, start)
    return times[place] if place < len(times) else float("inf")


def _time(item: Item) -> int:
    return item.time


def _forget(group: _Group, start: int) -> int:
    """Drop what is older than a start; returns how many items."""
    count = bisect_left(group.items, start, key=_time)
    if count:
        del group.items[:count]
        group.fresh = max(0, group.fresh - count)
        for times in group.times.values():
            del times[: bisect_left(times, start)]
    return count
