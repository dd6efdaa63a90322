"""What each rule would have found: counted with the matcher, the correlator and the grouping that run live."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from detection.alerts import Grouping
from detection.correlation import (
    CorrelationMatch,
    CorrelationRule,
    Correlator,
    as_event,
    episodes,
    for_whole_input,
    load_correlation_policy,
)
from detection.match import Match, Matcher
from detection.rules import Rule, RuleSet
from detection.whole_input import AlertingInInput, depends_on_others
from events import Event, format_timestamp

_DAY = len("2026-01-31")


@dataclass(slots=True)
class RuleTally:
    """What a rule would have found.

    Attributes:
        events: how many events it matched; of a rule with new terms or a threshold, those that would have alerted; of
            a correlation, how often it came true (overlapping windows are once).
        first_ms, last_ms: the span of those events, in their own time.
        days: events by day (UTC).
        alerts: the ids of the alerts that the queue would have had; none for what only feeds a correlation.
        entities: the entities they would have been about.
        samples: the first events matched.
    """

    rule: Rule | CorrelationRule
    events: int = 0
    first_ms: int | None = None
    last_ms: int | None = None
    days: Counter[str] = field(default_factory=Counter)
    alerts: set[str] = field(default_factory=set)
    entities: set[tuple[tuple[str, str], ...]] = field(default_factory=set)
    samples: list[Event] = field(default_factory=list)

    def document(self) -> dict[str, object]:
        """The tally as one line of output."""
        return {
            "rule": {"id": self.rule.id, "title": self.rule.title, "level": self.rule.level},
            "events": self.events,
            "alerts": len(self.alerts),
            "entities": len(self.entities),
            "first": None if self.first_ms is None else format_timestamp(self.first_ms),
            "last": None if self.last_ms is None else format_timestamp(self.last_ms),
            "days": dict(sorted(self.days.items())),
            "samples": self.samples,
        }

    def count(self, times: Sequence[int]) -> None:
        """Count events by their times."""
        self.events += len(times)
        self.first_ms = min(times) if self.first_ms is None else min(self.first_ms, *times)
        self.last_ms = max(times) if self.last_ms is None else max(self.last_ms, *times)
        self.days.update(format_timestamp(time)[:_DAY] for time in times)


class Backtest:
    """Runs rules over batches of events, in any order. Memory grows with what is found, not with the events."""

    def __init__(self, rule_set: RuleSet, samples: int = 3) -> None:
        """Run the rules of a set, keeping this many sample events of each."""
        self._matcher = Matcher(rule_set)
        self._correlator = Correlator(rule_set, for_whole_input(load_correlation_policy()))
        self._correlated: list[CorrelationMatch] = []
        self._alerting: AlertingInInput[Match] = AlertingInInput()
        self._grouping = Grouping()
        self._samples = samples
        rules: list[Rule | CorrelationRule] = [*rule_set.rules, *rule_set.correlations]
        self._tallies = {rule.id: RuleTally(rule) for rule in rules}

    def add(self, events: Sequence[Event]) -> None:
        """Run the rules over a batch."""
        matches = self._matcher.match(events)
        correlated = [match for match in matches if self._correlator.reads(match.rule.id)]
        self._correlated += self._correlator.observe(correlated)
        self._count(match for match in matches if not depends_on_others(match.rule))
        for match in matches:
            if depends_on_others(match.rule):
                self._count(self._alerting.take(match, match))

    def finish(self) -> list[RuleTally]:
        """Every rule's tally once all events are in, the busiest first."""
        self._count(self._alerting.finish())
        for match in episodes([*self._correlated, *self._correlator.finish()]):
            tally = self._tallies[match.rule.id]
            tally.count([match.time])
            tally.entities.add(tuple(sorted(match.group.items())))
            if match.rule.id not in self._correlator.silent:
                tally.alerts.add(f"{match.key} {match.time}")
            self._keep(match.rule.id, as_event(match))
        self._correlated = []
        return sorted(self._tallies.values(), key=lambda tally: (-tally.events, tally.rule.id))

    def _count(self, matches: Iterable[Match]) -> None:
        """Count matches that alert by themselves, or feed what does."""
        told = list(matches)
        for update in self._grouping.updates(told):
            tally = self._tallies[update.rule_id]
            tally.count([time for _, time in update.events])
            tally.entities.add(tuple(sorted(update.entity.items())))
            if update.rule_id not in self._correlator.silent:
                tally.alerts.add(update.alert_id)
        for match in told:
            self._keep(match.rule.id, match.event)

    def _keep(self, rule_id: str, event: Event) -> None:
        samples = self._tallies[rule_id].samples
        if len(samples) < self._samples:
            samples.append(event)
