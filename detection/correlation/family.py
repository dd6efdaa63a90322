"""Correlations that are chained to each other: one watermark, one order of events.

Events wait until the watermark has passed them, and are evaluated in the order of their own times, so the order in
which they arrive does not matter as long as none comes later than the lateness allows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple

from detection.correlation.chaining import Lift, carried_fields, events_of, links_of, occurrence_id
from detection.correlation.extraction import Extractor, extractor_of
from detection.correlation.item import PLACE, TIME, EventRef, Item, Occurrence, texts_of
from detection.correlation.node import Node
from detection.correlation.policy import CorrelationPolicy
from detection.correlation.tally import Tally
from detection.correlation.waiting import Waiting, each_once
from detection.routing import RoutingPolicy
from detection.rules import Rule
from detection.rules.correlation_rule import CorrelationRule, Number

_NEVER = -(1 << 62)
_END = 1 << 62


class CorrelationMatch(NamedTuple):
    """A correlation and a window of events that satisfies it.

    Attributes:
        time: the end of the window, milliseconds of event time.
        start: its beginning.
        key: the group, spelled so that it compares.
        group: the fields grouped by with their values, as the window's last event spells them.
        metric: what was measured.
        events: the contributing events that no earlier window of the group has told, with their times.
        dataset: of the last of them.
    """

    rule: CorrelationRule
    time: int
    start: int
    key: tuple[str, ...]
    group: dict[str, str]
    metric: Number
    events: tuple[EventRef, ...]
    dataset: str

    @property
    def id(self) -> str:
        """The same for the same correlation, group and end of the window."""
        return occurrence_id(self.rule, self.time, self.key)


class Family:
    """Correlations chained to each other, those referred to first."""

    def __init__(self, rules: Sequence[CorrelationRule], policy: CorrelationPolicy, routing: RoutingPolicy) -> None:
        """Prepare to observe; nothing is known yet."""
        self.rules = rules
        self.tally = Tally()
        self.newest = _NEVER
        """The newest event's time."""
        self.watermark = _NEVER
        """Everything before it has been evaluated."""
        self.kept_back: Collection[str] = ()
        """Ids of correlations whose occurrences do not count for those over them."""
        self._policy = policy
        links = links_of(rules)
        carried = carried_fields(rules, links)
        self._lifts: dict[int, list[Lift]] = defaultdict(list)
        for link in links:
            self._lifts[link.child].append(Lift(rules, link, carried))
        self._nodes = [Node(rule, policy, tells_window=bool(carried[at])) for at, rule in enumerate(rules)]
        self.extractors: dict[str, list[Extractor]] = defaultdict(list)
        for at, rule in enumerate(rules):
            for slot, reference in enumerate(rule.references):
                if isinstance(reference, Rule):
                    self.extractors[reference.id].append(extractor_of(rule, (at, slot), carried[at], routing))
        self._waiting = Waiting()

    @property
    def is_waiting(self) -> bool:
        """Whether time that passes will bring something to an end."""
        return len(self._waiting) > 0 or any(node.is_waiting for node in self._nodes)

    @property
    def reach_ms(self) -> int:
        """How far before the watermark an event can still matter."""
        return 2 * sum(rule.timespan_ms for rule in self.rules)

    @property
    def groups(self) -> dict[str, int]:
        """How many groups each correlation holds, by its id."""
        return {node.rule.id: node.groups for node in self._nodes}

    @property
    def oldest_window(self) -> int | None:
        """When the oldest window began that is still open, in milliseconds of event time; None where none is."""
        begun = (node.oldest_window for node in self._nodes)
        return min((each for each in begun if each is not None), default=None)

    @property
    def waiting(self) -> int:
        """How many events wait for their turn."""
        return len(self._waiting)

    def take(self, items: list[Item]) -> list[Item]:
        """Let items wait for their turn; returns those that do not come too late."""
        self.tally.observed += len(items)
        if min(map(TIME, items)) < self.watermark:
            in_time = [item for item in items if item.time >= self.watermark]
            self.tally.late += len(items) - len(in_time)
            items = in_time
        self._waiting.put(items)
        return items

    def advance(self, watermark: int) -> list[CorrelationMatch]:
        """Evaluate everything before a watermark; it never goes back."""
        if len(self._waiting) > self._policy.waiting_events:
            watermark = max(watermark, self._relief())
        if watermark <= self.watermark:
            return []
        self.watermark = watermark
        return self._evaluate(self._due(watermark), watermark)

    def finish(self) -> list[CorrelationMatch]:
        """Evaluate everything that waits, also what waits for something to stay away: no more events will come."""
        matches = self._evaluate(self._due(_END), _END)
        self.watermark = max(self.watermark, self.newest + 1)
        return matches

    def restore(self, items: Sequence[Item], watermark: int, newest: int) -> None:
        """Take up where a family with the same rules stood.

        Args:
            items: what it had taken in since ``reach_ms`` before its watermark, at least.
            watermark: up to where it had evaluated.
            newest: the newest event's time.
        """
        self._waiting.put(items)
        self._evaluate(each_once(self._waiting.due(watermark)), watermark)
        self.watermark, self.newest = watermark, newest
        self.tally = Tally()

    def _relief(self) -> int:
        """The watermark that lets the older half of what waits go."""
        relief = self._waiting.middle() + 1
        self.tally.evaluated_early += self._waiting.count(relief)
        return relief

    def _due(self, watermark: int) -> list[Item]:
        """What is to be evaluated; what came twice counts once."""
        waited = self._waiting.due(watermark)
        due = each_once(waited)
        self.tally.observed -= len(waited) - len(due)
        return due

    def _evaluate(self, due: list[Item], watermark: int) -> list[CorrelationMatch]:
        inputs: dict[int, list[Item]] = defaultdict(list)
        if len(self._nodes) == 1:
            inputs[0] = due
        else:
            for item in due:
                inputs[item.origin.node].append(item)
        matches: list[CorrelationMatch] = []
        for at, node in enumerate(self._nodes):
            items = inputs[at]
            if any(not isinstance(reference, Rule) for reference in node.rule.references):
                items.sort(key=PLACE)
            occurrences = node.run(items, watermark, self.tally)
            for lift in self._lifts[at] if node.rule.id not in self.kept_back else ():
                inputs[lift.link.parent] += (item for each in occurrences for item in lift.items(each))
            matches += (match_of(node.rule, each) for each in occurrences)
        return matches


def match_of(rule: CorrelationRule, occurrence: Occurrence) -> CorrelationMatch:
    """An occurrence as it is told."""
    return CorrelationMatch(
        rule,
        occurrence.time,
        occurrence.time - rule.timespan_ms,
        texts_of(occurrence.key),
        dict(zip(rule.group_by, texts_of(occurrence.last.shown), strict=True)),
        occurrence.metric,
        tuple(events_of(occurrence.fresh)),
        occurrence.last.origin.dataset,
    )
