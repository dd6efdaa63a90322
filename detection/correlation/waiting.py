"""Events that wait until the watermark has passed them: filed by the second, sorted when their turn comes."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Iterator
from itertools import groupby, islice
from operator import itemgetter

from detection.correlation.item import Item

_SECOND_MS = 1_000
_order = itemgetter(slice(0, 4))
"""An item's time, id, node and slot: equal for an event that came twice, and for no other."""


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

    def put(self, items: Iterable[Item]) -> None:
        """Let items wait."""
        seconds = self._seconds
        for item in items:
            second = item[0] // _SECOND_MS
            mates = seconds.get(second)
            if mates is None:
                mates = seconds[second] = []
                heapq.heappush(self._starts, second)
            mates.append(item)
            self._count += 1

    def due(self, before: int) -> list[Item]:
        """Take out what is older than a time, in order."""
        due: list[Item] = []
        while self._starts and self._starts[0] * _SECOND_MS < before:
            mates = self._seconds.pop(heapq.heappop(self._starts))
            self._count -= len(mates)
            mates.sort(key=_order)
            if mates[-1].time >= before:
                end = next(at for at, item in enumerate(mates) if item.time >= before)
                self.put(islice(mates, end, None))
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
    """Sorted items without those that came twice."""
    if len(set(map(itemgetter(1), items))) == len(items):
        return items
    return [next(same) for _, same in groupby(items, _order)]


def moments(items: list[Item]) -> Iterator[list[Item]]:
    """Sorted items, those of one time together."""
    start, time = 0, items[0].time if items else 0
    for end, item in enumerate(items):
        if item.time != time:
            yield items[start:end]
            start, time = end, item.time
    if items:
        yield items[start:]


def mates_of(together: list[Item]) -> Collection[list[Item]]:
    """Items of one time, those of one group together."""
    mates: dict[tuple[str, ...], list[Item]] = {}
    for item in together:
        if item.key in mates:
            mates[item.key].append(item)
        else:
            mates[item.key] = [item]
    return mates.values()
