"""Explains by asking the matcher itself: every comparison of the rule is matched as a rule of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from detection.compile import predicates_of
from detection.explanation.tree import Comparison, Explanation, Group, Joint, Node, Reason, RouteCheck, RouteCondition
from detection.explanation.wording import wording
from detection.match import Matcher
from detection.routing import Route, RoutingPolicy, Source, load_routing_policy, sources_of, vocabulary_of
from detection.routing.router import takes
from detection.rules import LogSource, Rule, RuleSet
from detection.rules.expression import All, Expression, Not, Predicate, ReferenceTest, Selection
from detection.rules.rule import Detection
from events import Event, Scalar, Value, values_of

LONGEST_VALUE = 512
_MOST_VALUES = 20
_PRODUCT = "explained"


def explain(rule: Rule, event: Event, policy: RoutingPolicy | None = None) -> Explanation:
    """Why a rule matches an event, or not, by every route of the policy (the product's own by default)."""
    policy = policy or load_routing_policy()
    ways = [(source, route) for source in sources_of(rule.logsource, policy.sources) for route in source.routes]
    told = [route for _, route in ways if takes(event, route)] or _nearest(ways, event)
    checks = tuple(
        RouteCheck(
            str(LogSource(source.product, source.category, source.service)),
            tuple(_condition(name, accepted, event) for name, accepted in route.where.items()),
            takes(event, route),
            _tell(rule.expression, _reading(rule, event, source, route, policy)) if route in told else None,
        )
        for source, route in ways
    )
    matched = any(check.taken and check.condition is not None and check.condition.held for check in checks)
    return Explanation(rule.id, rule.title, matched, checks)


def _nearest(ways: Sequence[tuple[Source, Route]], event: Event) -> list[Route]:
    """Of the routes, none of them taken, the one that lacks the least."""

    def lacking(route: Route) -> int:
        return sum(not takes(event, Route(where={name: accepted})) for name, accepted in route.where.items())

    return [min((route for _, route in ways), key=lacking)] if ways and event else []


def _condition(name: str, accepted: list[str], event: Event) -> RouteCondition:
    held = takes(event, Route(where={name: accepted}))
    return RouteCondition(name, tuple(accepted), _shown([event[name]] if name in event else []), held)


@dataclass(frozen=True, slots=True)
class _Reading:
    """An event read with the names of one route: which comparisons hold, and where each field stands."""

    event: Event
    held: Mapping[Predicate, bool]
    places: Mapping[str | None, tuple[str, ...]]


def _reading(rule: Rule, event: Event, source: Source, route: Route, policy: RoutingPolicy) -> _Reading:
    predicates = list(dict.fromkeys(predicates_of(rule.expression)))
    vocabulary = vocabulary_of(source, policy.profiles)
    places: dict[str | None, tuple[str, ...]] = {
        name: next(((found,) for found in vocabulary.candidates(name, route.rename) if found in event), ())
        for predicate in predicates
        for name in _names(predicate)
    }
    places[None] = tuple(vocabulary.keyword_fields(event))
    # Taken by every event that has any field, so that a rule is told of also where its own route is not taken.
    taken = Route(where={next(iter(event)): ["*"]}, rename=route.rename)
    own = Source(product=_PRODUCT, service=source.service, fields=source.fields, routes=[taken])
    logsource = LogSource(product=_PRODUCT, service=source.service)
    asked = {
        replace(rule, id=f"{number}", logsource=logsource, detection=Detection(each)): each
        for number, each in enumerate(predicates)
    }
    matcher = Matcher(RuleSet(list(asked), []), RoutingPolicy(sources=[own], profiles=policy.profiles))
    holding = {asked[match.rule] for match in matcher.match([event])}
    return _Reading(event, {predicate: predicate in holding for predicate in predicates}, places)


def _names(predicate: Predicate) -> list[str]:
    """The fields a comparison reads, as the rule names them."""
    names = [predicate.field, predicate.test.field if isinstance(predicate.test, ReferenceTest) else None]
    return [name for name in names if name is not None]


def _tell(expression: Expression, reading: _Reading) -> Node:
    if isinstance(expression, Predicate):
        return _comparison(expression, reading)
    if isinstance(expression, Selection):
        part = _tell(expression.part, reading)
        return Group(Joint.SELECTION, expression.name, part.held, (part,))
    if isinstance(expression, Not):
        part = _tell(expression.part, reading)
        return Group(Joint.NOT, "", not part.held, (part,))
    parts = tuple(_tell(part, reading) for part in expression.parts)
    if isinstance(expression, All):
        return Group(Joint.ALL, "", all(part.held for part in parts), parts)
    return Group(Joint.ANY, "", any(part.held for part in parts), parts)


def _comparison(predicate: Predicate, reading: _Reading) -> Comparison:
    modifier, pattern = wording(predicate.test)
    places, held = reading.places[predicate.field], reading.held[predicate]
    there = places and all(reading.places[name] for name in _names(predicate))
    reason = Reason.HELD if held else Reason.OTHER_VALUE if there else Reason.MISSING_FIELD
    values = _shown([reading.event[name] for name in places])
    return Comparison(predicate.field, modifier, pattern, places, values, held, reason)


def _shown(values: Sequence[Value]) -> tuple[Scalar, ...]:
    scalars = [scalar for value in values for scalar in values_of(value)][:_MOST_VALUES]
    return tuple(each[:LONGEST_VALUE] if isinstance(each, str) else each for each in scalars)
