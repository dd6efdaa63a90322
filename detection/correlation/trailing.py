"""Windows that end with an event: at each event, the timespan up to it is measured."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence

from detection.correlation.item import Item, Number, Occurrence
from detection.correlation.measures import Measure
from detection.correlation.policy import CorrelationPolicy
from detection.correlation.tally import Tally

_COMPACT = 64
"""How many places of left items at the front of a list are let be before the list is cut."""


class _Group:
    """The items of one group in the present window: ``items[head:]``, of them untold ``items[fresh:]``."""

    __slots__ = ("fresh", "head", "items", "measure")

    def __init__(self, measure: Measure) -> None:
        self.items: list[Item] = []
        self.head = 0
        self.fresh = 0
        self.measure = measure


class TrailingWindows:
    """The groups of a correlation whose windows end with an event; fed in the order of time."""

    def __init__(self, timespan_ms: int, measure: Callable[[], Measure], bounds: CorrelationPolicy) -> None:
        self.contributes: Callable[[Item], bool] | None = None
        """Which of a window's items are behind its occurrence; None: all."""
        self.tells_window = False
        self._timespan = timespan_ms
        self._measure = measure
        self._bounds = bounds
        self._groups: OrderedDict[tuple[str, ...], _Group] = OrderedDict()

    @property
    def is_waiting(self) -> bool:
        """Never: windows that end with an event are told when it comes."""
        return False

    def feed(
        self, key: tuple[str, ...], items: Sequence[Item], holds: Callable[[Number], bool], tally: Tally
    ) -> Occurrence | None:
        """Take the items of one group and one time; the occurrence that they complete, if any."""
        group = self._groups.get(key)
        if group is None:
            group = self._open(key, tally)
        else:
            self._groups.move_to_end(key)
        start = items[0].time - self._timespan
        if group.head < len(group.items) and group.items[group.head].time < start:
            _leave(group, start)
        group.items += items
        group.measure.add(items)
        if len(group.items) - group.head > self._bounds.events_a_group:
            self._shorten(group, tally)
        metric = group.measure.value(start)
        if metric is None or not holds(metric):
            return None
        return self._occurrence(key, group, metric)

    def fire(self, _before: int, _holds: Callable[[Number], bool]) -> Iterable[Occurrence]:
        """Windows that end with an event are told when it comes."""
        return ()

    def expire(self, before: int) -> None:
        """Drop the groups whose last event has left every window that is still to come."""
        oldest = before - self._timespan
        groups = self._groups
        while groups and next(iter(groups.values())).items[-1].time < oldest:
            groups.popitem(last=False)

    def _open(self, key: tuple[str, ...], tally: Tally) -> _Group:
        if len(self._groups) >= self._bounds.groups:
            self._groups.popitem(last=False)
            tally.evicted_groups += 1
        group = self._groups[key] = _Group(self._measure())
        return group

    def _shorten(self, group: _Group, tally: Tally) -> None:
        """Forget the oldest items, those of one time together."""
        held = len(group.items) - group.head
        last = group.items[group.head + held - self._bounds.events_a_group - 1]
        _leave(group, last.time + 1)
        tally.evicted_events += held - (len(group.items) - group.head)

    def _occurrence(self, key: tuple[str, ...], group: _Group, metric: Number) -> Occurrence:
        items = group.items
        fresh = self._behind(items[max(group.fresh, group.head) :])
        window = self._behind(items[group.head :]) if self.tells_window else ()
        group.fresh = len(items)
        return Occurrence(items[-1].time, key, metric, fresh, window, items[-1])

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
