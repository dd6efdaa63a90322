"""Windows that begin with an event, for conditions with ``not``: whether something stays away shows when they end.

A window begins with each event of a rule that must match and lasts the timespan. The condition holds when every rule
that must match did, in order where that is asked, and none that must not.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from detection.correlation.groups import Group, Groups
from detection.correlation.item import TIME, Item, Key, Occurrence
from detection.correlation.policy import CorrelationPolicy
from detection.correlation.tally import Tally
from detection.correlation.waiting import mates_of
from detection.rules.correlation_rule import Term


class _Timed(Group):
    """A group with the times of each slot's items beside them, in order."""

    __slots__ = ("times",)

    def __init__(self, slots: Iterable[int]) -> None:
        super().__init__([])
        self.times: dict[int, list[int]] = {slot: [] for slot in slots}

    def forget(self, start: int) -> None:
        """Drop what is older than a start."""
        self.leave(start)
        for times in self.times.values():
            del times[: bisect_left(times, start)]


class ForwardWindows:
    """The groups of one alternative of a condition with ``not``; fed in the order of time."""

    def __init__(self, timespan_ms: int, term: Term, bounds: CorrelationPolicy, *, ordered: bool) -> None:
        """Prepare for windows in which a term holds."""
        self.tells_window = False
        self._timespan = timespan_ms
        self._term = term
        self._ordered = ordered
        self._bounds = bounds
        self.groups: Groups[_Timed] = Groups(bounds.groups, timespan_ms)
        self._ending: deque[tuple[int, Key]] = deque()

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
            group = _Timed(sorted(self._term.present | self._term.absent))
        self.groups.held[key] = group
        group.items += items
        time = items[0].time
        slots = {item.origin.slot for item in items}
        for slot in slots & group.times.keys():
            group.times[slot].append(time)
        if slots & self._term.present:
            self._ending.append((time + self._timespan, key))
            if len(self._ending) > self._bounds.waiting_events:
                self._ending.popleft()
                tally.evicted_events += 1
        gone = group.shorten(self._bounds.events_a_group)
        tally.evicted_events += len(gone)
        if gone:
            group.forget(group.items[group.head].time)

    def _ended(self, before: int) -> Iterator[Occurrence]:
        """The occurrences whose window ends before a time."""
        while self._ending and self._ending[0][0] < before:
            end, key = self._ending.popleft()
            group = self.groups.held.get(key)
            if group is not None:
                start = end - self._timespan
                group.forget(start)
                if self._satisfied(group, start, end):
                    yield self._occurrence(key, group, end)

    def _satisfied(self, group: _Timed, start: int, end: int) -> bool:
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

    def _occurrence(self, key: Key, group: _Timed, end: int) -> Occurrence:
        last = bisect_right(group.items, end, group.head, key=TIME)
        told = self._behind(group.items[group.head : last])
        fresh = self._behind(group.items[max(group.fresh, group.head) : last])
        group.fresh = last
        return Occurrence(end, key, len(self._term.present), fresh, told if self.tells_window else (), told[-1])

    def _behind(self, items: Iterable[Item]) -> tuple[Item, ...]:
        """The items of rules that must match."""
        return tuple([item for item in items if item.origin.slot in self._term.present])


def _next(times: Sequence[int], start: float) -> float:
    """The first time not before a start."""
    place = bisect_left(times, start)
    return times[place] if place < len(times) else float("inf")
