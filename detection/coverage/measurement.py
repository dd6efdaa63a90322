"""Coverage measured: which telemetry the event store has seen of late, and when each rule last fired."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy.orm import Session

from detection.coverage.matrix import AnyRule, Coverage, Evidence, coverage_of
from detection.coverage.policy import CoveragePolicy, load_coverage_policy
from detection.rules import Rule
from detection.scorecard.repository import last_fired
from detection.telemetry import count_events, route_name, routes_of
from store import EventStore, Window

_DAY_MS = 86_400_000


def measure_coverage(
    session: Session, store: EventStore, rules: Sequence[AnyRule], on: Collection[str], now_ms: int
) -> Coverage:
    """The coverage of rules, those with the ids ``on`` being on.

    A correlation is on when all its rules are, and has seen the events of that rule which has seen the fewest.

    Raises:
        StoreError: the event store can't answer.
    """
    policy = load_coverage_policy()
    working = {each.id for each in rules if each.id in on and all(part in on for part in _parts(each))}
    return coverage_of(rules, Evidence(working, _events(store, rules, policy, now_ms), last_fired(session)), policy)


def _parts(rule: AnyRule) -> set[str]:
    """Ids of all that a correlation is about."""
    if isinstance(rule, Rule):
        return set()
    return {part for each in rule.references for part in (each.id, *_parts(each))}


def _events(store: EventStore, rules: Sequence[AnyRule], policy: CoveragePolicy, now_ms: int) -> dict[str, int]:
    """By rule id, the events that lead to it within the policy's days."""
    asked = {rule.id: _base_rules(rule) for rule in rules if rule.technique_ids}
    single = {rule for each in asked.values() for rule in each}
    routes = {rule.id: {route_name(route): route for route in routes_of(rule)} for rule in single}
    distinct = {name: route for each in routes.values() for name, route in each.items()}
    window = Window(now_ms - policy.telemetry_days * _DAY_MS, None)
    counted = count_events(store, list(distinct.values()), window)
    seen = {rule_id: sum(counted[name] for name in each) for rule_id, each in routes.items()}
    return {rule_id: min(seen[rule.id] for rule in each) for rule_id, each in asked.items()}


def _base_rules(rule: AnyRule) -> list[Rule]:
    return [rule] if isinstance(rule, Rule) else rule.base_rules
