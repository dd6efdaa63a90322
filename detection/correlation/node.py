"""One correlation at work: items in the order of time become occurrences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import groupby
from operator import attrgetter, eq

from detection.correlation.forward import ForwardWindows
from detection.correlation.item import Item, Key, Occurrence
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
from detection.correlation.tally import Tally
from detection.correlation.trailing import TrailingWindows
from detection.rules.correlation_rule import NUMERIC, CorrelationRule, CorrelationType, Term

Windows = TrailingWindows | ForwardWindows


class Node:
    """The windows of a correlation: one set of them for each alternative of its condition."""

    def __init__(self, rule: CorrelationRule, bounds: CorrelationPolicy, *, tells_window: bool) -> None:
        """Prepare; ``tells_window`` puts all items of its window into each occurrence."""
        self.rule = rule
        terms = rule.condition.terms
        self._tracks: list[Windows] = (
            [_of_term(rule, term, bounds) for term in terms] if terms else [_trailing(rule, bounds)]
        )
        for windows in self._tracks:
            windows.tells_window = tells_window

    @property
    def is_waiting(self) -> bool:
        """Whether a window has begun whose end will tell something."""
        return any(windows.is_waiting for windows in self._tracks)

    @property
    def groups(self) -> int:
        """How many groups are held."""
        return sum(len(windows.groups.held) for windows in self._tracks)

    @property
    def oldest_window(self) -> int | None:
        """When the oldest window began that is still open; None where none is."""
        begun = (windows.oldest_window for windows in self._tracks)
        return min((each for each in begun if each is not None), default=None)

    def run(self, items: list[Item], before: int, tally: Tally) -> list[Occurrence]:
        """Take items in the order of time, none at or after ``before``; the occurrences in the order of time."""
        if len(self._tracks) == 1:
            return self._tracks[0].run(items, before, tally)
        return list(_merged(each for windows in self._tracks for each in windows.run(items, before, tally)))


def _trailing(rule: CorrelationRule, bounds: CorrelationPolicy) -> TrailingWindows:
    windows = TrailingWindows(rule.timespan_ms, _measure(rule), rule.condition.test(), bounds)
    if rule.type in NUMERIC:
        windows.contributes = _has_values
    if rule.condition.bound is not None:
        windows.comparison = rule.condition.comparison
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


def _of_term(rule: CorrelationRule, term: Term, bounds: CorrelationPolicy) -> Windows:
    ordered = rule.type is CorrelationType.TEMPORAL_ORDERED
    if term.absent:
        return ForwardWindows(rule.timespan_ms, term, bounds, ordered=ordered)
    slots = sorted(term.present)
    measure = partial(OrderedRuleCount, slots) if ordered else partial(RuleCount, slots)
    windows = TrailingWindows(rule.timespan_ms, measure, partial(eq, len(slots)), bounds)
    windows.contributes = lambda item: item.origin.slot in term.present
    return windows


def _merged(found: Iterable[Occurrence]) -> Iterator[Occurrence]:
    """The occurrences of several alternatives in order, those of one group and time as one."""
    for _, same in groupby(sorted(found, key=_place), _place):
        several = list(same)
        best = max(several, key=attrgetter("metric"))
        yield best._replace(
            fresh=tuple(dict.fromkeys(item for each in several for item in each.fresh)),
            window=tuple(dict.fromkeys(item for each in several for item in each.window)),
        )


def _place(occurrence: Occurrence) -> tuple[int, Key]:
    return occurrence.time, occurrence.key
