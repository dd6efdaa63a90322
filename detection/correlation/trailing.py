"""Windows that end with an event: at each event, the timespan up to it is measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from detection.correlation.groups import Group, Groups
from detection.correlation.item import Item, Occurrence
from detection.correlation.measures import Measure
from detection.correlation.policy import CorrelationPolicy
from detection.correlation.tally import Tally
from detection.correlation.waiting import mates_of
from detection.rules.correlation_rule import Number


class _Measured(Group):
    """A group with the measure of its window, of which all items held are."""

    __slots__ = ("measure",)

    def __init__(self, items: list[Item], measure: Measure) -> None:
        super().__init__(items)
        self.measure = measure


_Held: TypeAlias = _Measured | Item
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
        self._alone = measure.alone if isinstance(measure, type) and issubclass(measure, Measure) else Measure.alone
        self._holds = holds
        self._events_a_group = bounds.events_a_group
        self.groups: Groups[_Held] = Groups(bounds.groups, timespan_ms)

    @property
    def is_waiting(self) -> bool:
        """Never: windows that end with an event are told when it comes."""
        return False

    @property
    def oldest_window(self) -> int | None:
        """When the window began that has waited longest for another event; None where none is open."""
        group = self.groups.stalest
        return group.items[group.head].time if isinstance(group, Group) else group and group.time

    def run(self, items: list[Item], before: int, tally: Tally) -> list[Occurrence]:
        """Take items in the order of time, all of them before ``before``; the occurrences in that order."""
        found: list[Occurrence | None] = []
        held, timespan, most = self.groups.held, self._timespan, self._events_a_group
        holds = self._holds if self.comparison is None else None
        for mates in mates_of(items):  # written out, as calls would cost more than what is done here
            first = mates[0]
            key, start = first[2], first[0] - timespan
            group = held.pop(key, None)
            if group is None:
                found.append(self._begin(mates, tally))
                continue
            if isinstance(group, Item):
                group = self._grown(group)
            held[key] = group
            window = group.items
            if window[group.head][0] < start:
                group.measure.remove(group.leave(start))
            window += mates
            metric = group.measure.enter(mates, start)
            if len(window) - group.head > most:
                metric = self._shorten(group, start, tally)
            if metric is not None and (holds(metric) if holds else self._tells(metric, mates)):
                found.append(self._occurrence(group, metric))
        self.groups.expire(before)
        return [each for each in found if each is not None]

    def _begin(self, items: list[Item], tally: Tally) -> Occurrence | None:
        """Hold the first items of a group; the occurrence that they are, if any."""
        self.groups.make_room(tally)
        first = items[0]
        alone = self._alone(first) if len(items) == 1 else None
        if alone is not None and not self._tells(alone, items):
            self.groups.held[first.key] = first
            return None
        measure = self._measure()
        start = first.time - self._timespan
        metric = measure.enter(items, start)
        if len(items) == 1 and (metric is None or not self._tells(metric, items)):
            self.groups.held[first.key] = first
            return None
        group = self.groups.held[first.key] = _Measured(items, measure)
        if len(items) > self._events_a_group:
            metric = self._shorten(group, start, tally)
        return None if metric is None or not self._tells(metric, items) else self._occurrence(group, metric)

    def _grown(self, item: Item) -> _Measured:
        """The group that was held as its only item."""
        group = _Measured([item], self._measure())
        group.measure.enter(group.items, item.time)
        return group

    def _shorten(self, group: _Measured, start: int, tally: Tally) -> Number | None:
        """Forget the oldest items beyond the bound; the measure of those left."""
        gone = group.shorten(self._events_a_group)
        group.measure.remove(gone)
        tally.evicted_events += len(gone)
        return group.measure.value(start)

    def _tells(self, metric: Number, items: Sequence[Item]) -> bool:
        """Whether the measure satisfies the condition; of numbers that events carry the least counts."""
        comparison = self.comparison
        if comparison is None:
            return self._holds(metric)
        bounds = [item.details.bound for item in items if item.details.bound is not None]
        return bool(bounds) and comparison(metric, min(bounds))

    def _occurrence(self, group: _Measured, metric: Number) -> Occurrence:
        fresh = self._behind(group.untold)
        window = self._behind(group.items[group.head :]) if self.tells_window else ()
        group.fresh = len(group.items)
        last = group.items[-1]
        return Occurrence(last.time, last.key, metric, fresh, window, last)

    def _behind(self, items: Sequence[Item]) -> tuple[Item, ...]:
        return tuple(items) if self.contributes is None else tuple(filter(self.contributes, items))
