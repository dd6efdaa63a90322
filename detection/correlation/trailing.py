"""Windows that end with an event: at each event, the timespan up to it is measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from detection.correlation.groups import Groups
from detection.correlation.item import Item, Number, Occurrence
from detection.correlation.measures import Measure
from detection.correlation.policy import CorrelationPolicy
from detection.correlation.tally import Tally
from detection.correlation.waiting import mates_of

_COMPACT = 64
"""How many places of left items at the front of a list are let be before the list is cut."""


class _Group:
    """The items of one group in the present window: ``items[head:]``, of them untold ``items[fresh:]``."""

    __slots__ = ("fresh", "head", "items", "measure")

    def __init__(self, measure: Measure, items: list[Item]) -> None:
        self.items = items
        self.head = 0
        self.fresh = 0
        self.measure = measure

    @property
    def time(self) -> int:
        """Of the newest item."""
        return self.items[-1].time


_Held: TypeAlias = _Group | Item
"""A group of one item that was not told is that item: of a million groups, most are."""


class TrailingWindows:
    """The groups of a correlation whose windows end with an event; fed in the order of time."""

    def __init__(
        self,
        timespan_ms: int,
        measure: Callable[[], Measure],
        holds: Callable[[Number], bool],
        bounds: CorrelationPolicy,
    ) -> None:
        """Prepare to measure windows; those tell whose measure ``holds``."""
        self.contributes: Callable[[Item], bool] | None = None
        """Which of a window's items are behind its occurrence; None: all."""
        self.tells_window = False
        self.comparison: Callable[[Number, Number], bool] | None = None
        """How the measure compares with the number that the last events carry; None: the condition has its own."""
        self._timespan = timespan_ms
        self._measure = measure
        self._holds = holds
        self._events_a_group = bounds.events_a_group
        self.groups: Groups[_Held] = Groups(bounds.groups, timespan_ms)
        self._held = self.groups.held

    @property
    def is_waiting(self) -> bool:
        """Never: windows that end with an event are told when it comes."""
        return False

    @property
    def oldest_window(self) -> int | None:
        """When the window began that has waited longest for another event; None where none is open."""
        group = self.groups.stalest
        return group.items[group.head].time if isinstance(group, _Group) else group and group.time

    def run(self, items: list[Item], before: int, tally: Tally) -> list[Occurrence]:
        """Take items in the order of time, all of them before ``before``; the occurrences in that order."""
        feed = self._feed
        told = [feed(mates, tally) for mates in mates_of(items)]
        self.groups.expire(before)
        return [each for each in told if each is not None]

    def _feed(self, items: list[Item], tally: Tally) -> Occurrence | None:
        """Take the items of one group and one time; the occurrence that they complete, if any."""
        first = items[0]
        key = first[4]
        start = first[0] - self._timespan
        held = self._held
        group = held.pop(key, None)
        if group is None:
            self.groups.make_room(tally)
            return self._begin(items, start)
        if isinstance(group, Item):
            group = self._grown(group)
        held[key] = group
        window, head = group.items, group.head
        if head < len(window) and window[head][0] < start:
            _leave(group, start)
            head = group.head
        window += items
        measure = group.measure
        measure.add(items)
        if len(window) - head > self._events_a_group:
            self._shorten(group, tally)
        metric = measure.value(start)
        return None if metric is None or not self._tells(metric, items) else self._occurrence(group, metric)

    def _begin(self, items: list[Item], start: int) -> Occurrence | None:
        measure = self._measure()
        measure.add(items)
        metric = measure.value(start)
        told = metric is not None and self._tells(metric, items)
        if len(items) == 1 and not told:
            self._held[items[0].key] = items[0]
            return None
        group = self._held[items[0].key] = _Group(measure, items)
        return self._occurrence(group, metric) if metric is not None and told else None

    def _tells(self, metric: Number, items: Sequence[Item]) -> bool:
        """Whether the measure satisfies the condition; of numbers that events carry the least counts."""
        comparison = self.comparison
        if comparison is None:
            return self._holds(metric)
        bounds = [item.bound for item in items if item.bound is not None]
        return bool(bounds) and comparison(metric, min(bounds))

    def _grown(self, item: Item) -> _Group:
        """The group that was held as its only item."""
        group = _Group(self._measure(), [item])
        group.measure.add(group.items)
        return group

    def _shorten(self, group: _Group, tally: Tally) -> None:
        """Forget the oldest items, those of one time together."""
        held = len(group.items) - group.head
        last = group.items[group.head + held - self._events_a_group - 1]
        _leave(group, last.time + 1)
        tally.evicted_events += held - (len(group.items) - group.head)

    def _occurrence(self, group: _Group, metric: Number) -> Occurrence:
        items = group.items
        fresh = self._behind(items[max(group.fresh, group.head) :])
        window = self._behind(items[group.head :]) if self.tells_window else ()
        group.fresh = len(items)
        last = items[-1]
        return Occurrence(last.time, last.key, metric, fresh, window, last)

    def _behind(self, items: Sequence[Item]) -> tuple[Item, ...]:
        return tuple(items) if self.contributes is None else tuple(filter(self.contributes, items))


def _leave(group: _Group, start: int) -> None:
    """Let the items before ``start`` leave the window."""
    items, head = group.items, group.head
    end = head
    while end < len(items) and items[end].time < start:
        end += 1
    group.measure.remove(items[head:end])
    group.head = end
    if end > _COMPACT and end * 2 > len(items):
        del items[:end]
        group.fresh = max(0, group.fresh - end)
        group.head = 0
