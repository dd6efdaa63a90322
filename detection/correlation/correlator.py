"""All correlations of a rule set: matches go in as they are found, matches of correlations come out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TypeAlias, cast

import structlog

from detection.correlation.chaining import families_of
from detection.correlation.extraction import Extractor
from detection.correlation.family import CorrelationMatch, Family
from detection.correlation.item import TIME, Item
from detection.correlation.policy import CorrelationPolicy, load_correlation_policy
from detection.correlation.resolution import silent_rules
from detection.match import Match
from detection.routing import RoutingPolicy, load_routing_policy
from detection.rules import RuleSet
from events import Event, timestamp_ms

_log = structlog.get_logger(__name__)
Taken: TypeAlias = tuple[Family, list[Item]]
"""What a family took in of a batch."""


class Correlator:
    """Evaluates correlations in event time. One thread at a time."""

    def __init__(
        self,
        rule_set: RuleSet,
        policy: CorrelationPolicy | None = None,
        routing: RoutingPolicy | None = None,
        evaluates: Callable[[Family], bool] = lambda _: True,
    ) -> None:
        """Prepare the correlations of a rule set, by the given policies or the product's own.

        ``evaluates`` chooses the families that are evaluated here, where others are elsewhere.
        """
        self.policy = policy or load_correlation_policy()
        self.silent = silent_rules(rule_set.correlations)
        """Ids of the rules and correlations that only feed correlations and do not alert on their own."""
        self.families = [
            family
            for rules in families_of(rule_set.correlations)
            if evaluates(family := Family(rules, self.policy, routing or load_routing_policy()))
        ]
        self._readers: dict[str, list[tuple[Family, Extractor]]] = defaultdict(list)
        for family in self.families:
            for rule_id, extractors in family.extractors.items():
                self._readers[rule_id] += [(family, extractor) for extractor in extractors]
        self._moved: dict[int, int] = {}

    def reads(self, rule_id: str) -> bool:
        """Whether any correlation is about this rule."""
        return rule_id in self._readers

    def take(self, matches: Iterable[Match]) -> list[Taken]:
        """Let the matches that correlations are about wait for their turn; returns what does."""
        events: dict[str, list[Event]] = defaultdict(list)
        for match in matches:
            events[match.rule.id].append(match.event)
        taken: dict[Family, list[Item]] = defaultdict(list)
        for rule_id in self._readers.keys() & events.keys():
            mine = events[rule_id]
            times = list(map(timestamp_ms, cast("list[str]", [event["@timestamp"] for event in mine])))
            for family, extractor in self._readers[rule_id]:
                items = extractor.items(mine, times)
                family.tally.without_group += len(mine) - len(items)
                taken[family] += items
        return [(family, family.take(items)) for family, items in taken.items() if items]

    def observe(self, matches: Iterable[Match]) -> list[CorrelationMatch]:
        """Take matches in; the matches of correlations whose lateness is over, those that alert on their own.

        An event that comes again while it waits is taken once.
        """
        return self._told(self.take(matches), None)

    def observe_live(self, matches: Iterable[Match], now_ms: int) -> tuple[list[CorrelationMatch], list[Taken]]:
        """Like ``observe``, while the clock runs: event time is taken to go on with it when no events come.

        An event from the future does not carry the others along. Returns what is new to the families too.
        """
        taken = self.take(matches)
        return self._told(taken, now_ms), taken

    def finish(self) -> list[CorrelationMatch]:
        """The matches that are left when no more events will come."""
        return self._speaking(match for family in self.families for match in family.finish())

    def _told(self, taken: Iterable[Taken], now_ms: int | None) -> list[CorrelationMatch]:
        newest = {family: max(map(TIME, items)) for family, items in taken if items}
        matches: list[CorrelationMatch] = []
        for family in self.families:
            before = family.tally.left_out
            matches += family.advance(self._watermark(family, newest.get(family), now_ms))
            if family.tally.left_out != before:
                self._warn(family)
        return self._speaking(matches)

    def _watermark(self, family: Family, newest: int | None, now_ms: int | None) -> int:
        if newest is not None:
            bound = newest if now_ms is None else min(newest, now_ms)
            family.newest = max(family.newest, bound)
            self._moved[id(family)] = now_ms or 0
        passed = 0 if now_ms is None else now_ms - self._moved.setdefault(id(family), now_ms)
        return family.newest + max(0, passed) - self.policy.lateness

    def _warn(self, family: Family) -> None:
        late, early, groups, events = family.tally.left_out
        _log.warning(
            "correlation left events out",
            correlation=family.rules[-1].id,
            late=late,
            evaluated_early=early,
            evicted_groups=groups,
            evicted_events=events,
        )

    def _speaking(self, matches: Iterable[CorrelationMatch]) -> list[CorrelationMatch]:
        return [match for match in matches if match.rule.id not in self.silent]
