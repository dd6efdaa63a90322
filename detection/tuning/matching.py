"""Matching with exceptions and rules on trial: which matches are raised, and which are withheld and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from detection.match import DatabaseCache, Match, Matcher
from detection.routing import RoutingPolicy
from detection.rules import Rule, RuleSet
from detection.rules.expression import All, Not
from detection.rules.filters import RuleFilter
from detection.rules.rule import Detection
from detection.tuning.models import WithheldBy
from events import Event, timestamp_ms

_LATEST_EVENTS = 1_000


@dataclass(frozen=True, slots=True)
class LiveException:
    """An exception in force until ``expires_ms``."""

    id: str
    rule_id: str
    filter: RuleFilter
    expires_ms: int


@dataclass(frozen=True, slots=True)
class Withheld:
    """A match that raises no alert; ``cause_id`` is the exception's id, or the id of the rule on trial."""

    cause: WithheldBy
    cause_id: str
    rule_id: str
    event_id: str
    time: int


@dataclass(frozen=True, slots=True)
class TunedMatches:
    """The matches of a batch that raise alerts, in the order of the events, and those withheld."""

    raised: list[Match] = field(default_factory=list)
    withheld: list[Withheld] = field(default_factory=list)


class TunedMatcher:
    """Matches rules and their exceptions in one pass. One thread at a time, as ``Matcher``.

    Beside a rule with exceptions stand its excepted cases, compiled as rules: what the rule asks and what the filter
    refuses. Both share their predicates, so an event is looked at once, and what was removed is known by name.
    """

    def __init__(
        self,
        rules: Iterable[Rule],
        exceptions: Iterable[LiveException] = (),
        on_trial: Collection[str] = (),
        policy: RoutingPolicy | None = None,
        databases: DatabaseCache | None = None,
    ) -> None:
        """Compile the rules with their exceptions; ``on_trial`` are ids of rules that are counted, not raised."""
        by_id = {rule.id: rule for rule in rules}
        self._excepted = _excepted_cases(by_id, exceptions)
        self._on_trial = frozenset(on_trial)
        rule_set = RuleSet([*by_id.values(), *self._excepted], [])
        self._matcher = Matcher(rule_set, policy, databases or DatabaseCache())
        self.latest: Sequence[Event] = ()
        """The first events of the latest batch: matched by a successor, they bring it up to speed before it serves."""

    def match(self, events: Sequence[Event], now_ms: int) -> TunedMatches:
        """The matches of a batch; exceptions that have expired by ``now_ms``, the time of ingest, don't apply."""
        self.latest = events[:_LATEST_EVENTS] or self.latest
        found = self._matcher.match(events)
        matches, excepted = self._apart(found, now_ms)
        result = TunedMatches()
        for match in matches:
            causes = excepted.get((match.rule.id, id(match.event)))
            if causes is not None:
                result.withheld.extend(_withheld(WithheldBy.EXCEPTION, cause, match) for cause in causes)
            elif match.rule.id in self._on_trial:
                result.withheld.append(_withheld(WithheldBy.TEST, match.rule.id, match))
            else:
                result.raised.append(match)
        return result

    @property
    def timeouts(self) -> int:
        """Searches given up because a regular expression took too long."""
        return self._matcher.timeouts

    def _apart(self, found: list[Match], now_ms: int) -> tuple[list[Match], Mapping[tuple[str, int], list[str]]]:
        """The rules' own matches, and by rule and event the exceptions that hold."""
        if not self._excepted:
            return found, {}
        matches: list[Match] = []
        excepted: dict[tuple[str, int], list[str]] = defaultdict(list)
        for match in found:
            exception = self._excepted.get(match.rule)
            if exception is None:
                matches.append(match)
            elif now_ms < exception.expires_ms:
                excepted[match.rule.id, id(match.event)].append(exception.id)
        return matches, excepted


def _excepted_cases(by_id: Mapping[str, Rule], exceptions: Iterable[LiveException]) -> dict[Rule, LiveException]:
    """For each exception the case it takes out of its rule; one whose rule is not loaded takes nothing."""
    return {
        replace(rule, detection=Detection(All((rule.expression, Not(each.filter.expression))))): each
        for each in exceptions
        if (rule := by_id.get(each.rule_id)) is not None
    }


def _withheld(cause: WithheldBy, cause_id: str, match: Match) -> Withheld:
    time = timestamp_ms(str(match.event["@timestamp"]))
    return Withheld(cause, cause_id, match.rule.id, str(match.event["event.id"]), time)
