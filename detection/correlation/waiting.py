"""Events that wait until the watermark has passed them: filed by the second, sorted when their turn comes."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby

from detection.correlation.item import ID, PLACE, TIME, Item, Key

_SECOND_MS = 1_000


class Waiting:
    """Items in no order, taken out in the order of time."""

    __slots__ = ("_count", "_seconds", "_starts")

    def __init__(self) -> None:
        self._seconds: dict[int, list[Item]] = {}
        self._starts: list[int] = []
        self._count = 0

    def __len__(self) -> int:
        """How many items wait, those that came twice counted twice."""
        return self._count

    def put(self, items: Sequence[Item]) -> None:
        """Let items wait."""
        seconds = self._seconds
        self._count += len(items)
        for item in items:
            second = item[0] // _SECOND_MS
            if second in seconds:
                seconds[second].append(item)
            else:
                seconds[second] = [item]
                heapq.heappush(self._starts, second)

    def due(self, before: int) -> list[Item]:
        """Take out what is older than a time, in the order of time, then of ids."""
        due: list[Item] = []
        while self._starts and self._starts[0] * _SECOND_MS < before:
            mates = self._seconds.pop(heapq.heappop(self._starts))
            self._count -= len(mates)
            mates.sort(key=ID)
            mates.sort(key=TIME)  # twice by one thing is faster than once by two
            if mates[-1].time >= before:
                end = bisect_left(mates, before, key=TIME)
                self.put(mates[end:])
                del mates[end:]
                due += mates
                break
            due += mates
        return due

    def middle(self) -> int:
        """The time that half of the items, or a little more, are not after."""
        times = sorted(self._times())
        return times[len(times) // 2]

    def count(self, before: int) -> int:
        """How many items are older than a time."""
        return sum(time < before for time in self._times())

    def _times(self) -> Iterator[int]:
        return (item.time for mates in self._seconds.values() for item in mates)


def each_once(items: list[Item]) -> list[Item]:
    """Items sorted by time and id, without those that came twice; those of one event in the order of their slots."""
    if len(set(map(ID, items))) == len(items):
        return items
    return [next(same) for _, same in groupby(sorted(items, key=PLACE), PLACE)]


def mates_of(items: list[Item]) -> Iterator[list[Item]]:
    """Sorted items, those of one time and group together, in the order of time, then of groups."""
    at, count = 0, len(items)
    while at < count:
        time, end = items[at][0], at + 1
        while end < count and items[end][0] == time:
            end += 1
        if end - at == 1:
            yield [items[at]]
        else:
            yield from _by_group(items[at:end])
        at = end


def _by_group(together: list[Item]) -> Collection[list[Item]]:
    mates: dict[Key, list[Item]] = {}
    for item in together:
        key = item[2]
        if key in mates:
            mates[key].append(item)
        else:
            mates[key] = [item]
    return [mates[key] for key in sorted(mates)] if len(mates) > 1 else mates.values()
