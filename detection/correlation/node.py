"""One correlation at work: items in the order of time become occurrences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from operator import attrgetter

from detection.correlation.forward import ForwardWindows
from detection.correlation.item import Item, Number, Occurrence
from detection.correlation.measures import (
    Average,
    DistinctCount,
    EventCount,
    Measure,
    OrderedRuleCount,
    Percentile,
    RuleCount,
    Sum,
)
from detection.correlation.policy import CorrelationPolicy
from detection.correlation.rule import NUMERIC, CorrelationRule, CorrelationType, Term
from detection.correlation.tally import Tally
from detection.correlation.trailing import TrailingWindows

Windows = TrailingWindows | ForwardWindows


class Node:
    """The windows of a correlation: one set of them for each alternative of its condition."""

    def __init__(self, rule: CorrelationRule, bounds: CorrelationPolicy, *, tells_window: bool) -> None:
        """Prepare; ``tells_window`` puts all items of its window into each occurrence."""
        self.rule = rule
        terms = rule.condition.terms
        self._tracks: list[tuple[Windows, Callable[[Number], bool]]] = (
            [_term_track(rule, term, bounds) for term in terms]
            if terms
            else [(_trailing(rule, bounds), rule.condition.test())]
        )
        for windows, _ in self._tracks:
            windows.tells_window = tells_window

    @property
    def is_waiting(self) -> bool:
        """Whether a window has begun whose end will tell something."""
        return any(windows.is_waiting for windows, _ in self._tracks)

    def run(self, items: Sequence[Item], before: int, tally: Tally) -> list[Occurrence]:
        """Take items in the order of time, none at or after ``before``; the occurrences in the order of time."""
        found: list[Occurrence] = []
        for _, together in groupby(items, attrgetter("time")):
            same_time = list(together)
            if len(same_time) == 1:
                self._take(same_time[0].key, same_time, tally, found)
                continue
            groups: dict[tuple[str, ...], list[Item]] = {}
            for item in same_time:
                groups.setdefault(item.key, []).append(item)
            for key in sorted(groups):
                self._take(key, groups[key], tally, found)
        for windows, holds in self._tracks:
            found += windows.fire(before, holds)
            windows.expire(before)
        return found if len(self._tracks) == 1 else list(_merged(found))

    def _take(self, key: tuple[str, ...], items: Sequence[Item], tally: Tally, found: list[Occurrence]) -> None:
        for windows, holds in self._tracks:
            found += windows.fire(items[0].time, holds)
            occurrence = windows.feed(key, items, holds, tally)
            if occurrence is not None:
                found.append(occurrence)


def _trailing(rule: CorrelationRule, bounds: CorrelationPolicy) -> TrailingWindows:
    windows = TrailingWindows(rule.timespan_ms, _measure(rule), bounds)
    if rule.type in NUMERIC:
        windows.contributes = _has_values
    return windows


def _has_values(item: Item) -> bool:
    return bool(item.values)


def _measure(rule: CorrelationRule) -> Callable[[], Measure]:
    slots = range(len(rule.references))
    measures: dict[CorrelationType, Callable[[], Measure]] = {
        CorrelationType.EVENT_COUNT: EventCount,
        CorrelationType.VALUE_COUNT: DistinctCount,
        CorrelationType.VALUE_SUM: Sum,
        CorrelationType.VALUE_AVG: Average,
        CorrelationType.VALUE_PERCENTILE: partial(Percentile, rule.condition.percentile),
        CorrelationType.VALUE_MEDIAN: partial(Percentile, rule.condition.percentile),
        CorrelationType.TEMPORAL: partial(RuleCount, slots),
        CorrelationType.TEMPORAL_ORDERED: partial(OrderedRuleCount, slots),
    }
    return measures[rule.type]


def _term_track(
    rule: CorrelationRule, term: Term, bounds: CorrelationPolicy
) -> tuple[Windows, Callable[[Number], bool]]:
    ordered = rule.type is CorrelationType.TEMPORAL_ORDERED
    if term.absent:
        return ForwardWindows(rule.timespan_ms, term, bounds, ordered=ordered), bool
    slots = sorted(term.present)
    measure = partial(OrderedRuleCount, slots) if ordered else partial(RuleCount, slots)
    windows = TrailingWindows(rule.timespan_ms, measure, bounds)
    windows.contributes = lambda item: item.slot in term.present
    return windows, len(slots).__eq__


def _merged(found: Iterable[Occurrence]) -> Iterator[Occurrence]:
    """The occurrences of several alternatives in order, those of one group and time as one."""
    for _, same in groupby(sorted(found, key=_place), _place):
        several = list(same)
        best = max(several, key=attrgetter("metric"))
        yield best._replace(
            fresh=tuple(dict.fromkeys(item for each in several for item in each.fresh)),
            window=tuple(dict.fromkeys(item for each in several for item in each.window)),
        )


def _place(occurrence: Occurrence) -> tuple[int, tuple[str, ...]]:
    return occurrence.time, occurrence.key
