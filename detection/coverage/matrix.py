"""The matrix: techniques by tactic, as the tags of the rules name them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from detection.correlation import CorrelationRule
from detection.coverage.policy import CoveragePolicy
from detection.rules import Rule

AnyRule: TypeAlias = Rule | CorrelationRule


class CoverageState(StrEnum):
    """How well a technique is covered."""

    SEEN = "seen"  # a rule is on, and events that it can match are coming in
    BLIND = "blind"  # a rule is on, but no such event came
    NONE = "none"  # no rule is on


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of the rules' work.

    Attributes:
        on: ids of the rules that raise alerts.
        events: by rule id, events of the kinds that lead to it within the policy's days.
        fired: by rule id, the time of the last event it alerted on (ms).
    """

    on: Collection[str]
    events: Mapping[str, int]
    fired: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RuleCoverage:
    """One rule of a technique."""

    rule_id: str
    title: str
    level: str
    on: bool
    events: int
    last_fired_ms: int | None


@dataclass(frozen=True, slots=True)
class TechniqueCoverage:
    """A technique (``T1059.001``) with its rules, those first that see most."""

    technique_id: str
    tactics: tuple[str, ...]
    state: CoverageState
    rules: tuple[RuleCoverage, ...]

    @property
    def last_fired_ms(self) -> int | None:
        """The latest event that any of the rules alerted on."""
        return max((rule.last_fired_ms for rule in self.rules if rule.last_fired_ms is not None), default=None)


@dataclass(frozen=True, slots=True)
class Coverage:
    """The techniques by id, and the tactics in the order of the matrix; a technique may stand under several."""

    tactics: tuple[str, ...]
    techniques: tuple[TechniqueCoverage, ...]

    def of_tactic(self, tactic: str) -> list[TechniqueCoverage]:
        """The techniques of a tactic."""
        return [technique for technique in self.techniques if tactic in technique.tactics]

    def count(self, state: CoverageState) -> int:
        """How many techniques are in a state."""
        return sum(technique.state is state for technique in self.techniques)


def coverage_of(rules: Iterable[AnyRule], evidence: Evidence, policy: CoveragePolicy) -> Coverage:
    """The coverage that rules give; a rule without a technique among its tags gives none."""
    by_technique: dict[str, list[AnyRule]] = defaultdict(list)
    for rule in rules:
        for technique_id in dict.fromkeys(rule.technique_ids):
            by_technique[technique_id].append(rule)
    techniques = tuple(_technique(name, each, evidence) for name, each in sorted(by_technique.items()))
    named = {tactic for technique in techniques for tactic in technique.tactics}
    others = sorted(named - policy.tactics.keys())
    return Coverage((*(tactic for tactic in policy.tactics if tactic in named), *others), techniques)


def _technique(technique_id: str, rules: Sequence[AnyRule], evidence: Evidence) -> TechniqueCoverage:
    covering = sorted(
        (_rule(rule, evidence) for rule in rules), key=lambda each: (not each.on, -each.events, each.title)
    )
    on = [each for each in covering if each.on]
    state = CoverageState.NONE
    if on:
        state = CoverageState.SEEN if any(each.events for each in on) else CoverageState.BLIND
    return TechniqueCoverage(technique_id, _tactics(rules), state, tuple(covering))


def _rule(rule: AnyRule, evidence: Evidence) -> RuleCoverage:
    return RuleCoverage(
        rule.id,
        rule.title,
        rule.level.value,
        rule.id in evidence.on,
        evidence.events.get(rule.id, 0),
        evidence.fired.get(rule.id),
    )


def _tactics(rules: Iterable[AnyRule]) -> tuple[str, ...]:
    """The tactics of a technique, ``""`` for none. Tags do not pair the two, so rules of one tactic are believed."""
    named = [rule.tactics for rule in rules]
    certain = {tactics[0] for tactics in named if len(tactics) == 1}
    return tuple(sorted(certain or {tactic for tactics in named for tactic in tactics} or {""}))
