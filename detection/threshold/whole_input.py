"""Thresholds in input with an end: what would have alerted, whatever the order in which it is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Generic, TypeVar

from detection.rules import Rule
from detection.threshold.groups import group_of
from events import Event, timestamp_ms

Told = TypeVar("Told")


class ThresholdsInInput(Generic[Told]):
    """Takes the matches of rules with a threshold in any order; tells them once their group's window has reached it."""

    def __init__(self) -> None:
        """Nothing is counted yet."""
        self._reached: set[tuple[str, str, int]] = set()
        self._waiting: dict[tuple[str, str, int], dict[str, list[Told]]] = defaultdict(lambda: defaultdict(list))

    def take(self, rule: Rule, event: Event, told: Told) -> Iterator[Told]:
        """Take a match in; what alerts by it: itself and what waited, or nothing."""
        threshold = rule.settings.threshold
        group = group_of(event, threshold) if threshold else None
        if threshold is None or group is None:
            return
        window = rule.id, group, timestamp_ms(str(event["@timestamp"])) // threshold.within_ms
        if window in self._reached:
            yield told
            return
        waiting = self._waiting[window]
        waiting[str(event["event.id"])].append(told)
        if len(waiting) >= threshold.count:
            self._reached.add(window)
            for several in self._waiting.pop(window).values():
                yield from several
