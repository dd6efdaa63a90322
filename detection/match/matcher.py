"""From events to matches: route, find the fields, look up what their values satisfy, evaluate few rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

from detection.compile import program_of
from detection.match.database import DatabaseCache
from detection.match.frame import Frame
from detection.match.memory import MatchMemory
from detection.match.screens import Outlined, Screens
from detection.match.ways import Ways
from detection.routing import (
    Route,
    Router,
    RoutingPolicy,
    Vocabulary,
    load_routing_policy,
    sources_of,
    vocabulary_of,
)
from detection.rules.rule import Rule
from detection.rules.rule_set import RuleSet
from events import Event

_NOT_KEPT = DatabaseCache()


@dataclass(frozen=True, slots=True)
class Match:
    """A rule and an event that satisfies it; ``detection.matched_fields`` tells how."""

    rule: Rule
    event: Event
    frame: Frame = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class _Destination:
    """What taking a route leads to: rules, in a vocabulary, with the route's own names."""

    vocabulary: Vocabulary
    route: Route
    rules: list[Rule]


class Matcher:
    """Matches events against a set of rules. One thread at a time; make one a process or thread."""

    def __init__(
        self, rule_set: RuleSet, policy: RoutingPolicy | None = None, databases: DatabaseCache = _NOT_KEPT
    ) -> None:
        """Compile the rules; rules whose logsource no entry of the policy covers are left out (see ``load_rules``)."""
        self._destinations = _destinations(rule_set.rules, policy or load_routing_policy())
        self._databases = databases
        self._memories: dict[Vocabulary, MatchMemory] = {}
        self._frames: dict[tuple[int, ...], tuple[Frame, ...]] = {}
        self._router = Router([destination.route for destination in self._destinations])
        self._ways = Ways(self._router, self._open)
        self._screens: list[Screens] = []

    def match(self, events: Sequence[Event]) -> list[Match]:
        """The matches of a batch of events, in the order of the events; each rule at most once an event."""
        matches: list[Match] = []
        plans = self._ways.plans
        for event in events:
            for plan, frame in plans(event):
                rules = plan.match(event)
                if rules:
                    matches += [Match(rule, event, frame) for rule in rules]
        self._trim()
        return _distinct(matches)

    def candidates(self, event: Event) -> int:
        """How many rules' conditions an event calls for."""
        return sum(len([*frame.candidates(plan.holding(event))]) for plan, frame in self._ways.plans(event))

    def screens(self, outlined: Outlined) -> Screens:
        """A way to look at records before they are normalized, by these rules and with what the matcher remembers.

        It is kept within bounds by ``match``, so let that follow from time to time, if with no events.
        """
        screens = Screens(outlined, self._router, lambda event: self._open(self._router.routes_of(event)))
        self._screens.append(screens)
        return screens

    @property
    def timeouts(self) -> int:
        """Searches given up because a regular expression took too long; each counted as not found."""
        return sum(memory.timeouts for memory in self._memories.values())

    def _open(self, routes: tuple[int, ...]) -> tuple[Frame, ...]:
        """The frames of a combination of routes: one for each vocabulary and set of renamed fields."""
        known = self._frames.get(routes)
        if known is not None:
            return known
        grouped: dict[tuple[Vocabulary, tuple[tuple[str, str], ...]], list[Rule]] = defaultdict(list)
        for position in routes:
            destination = self._destinations[position]
            rename = tuple(sorted(destination.route.rename.items()))
            grouped[destination.vocabulary, rename] += destination.rules
        frames = tuple(
            Frame(self._memory(vocabulary), rules, vocabulary, dict(rename))
            for (vocabulary, rename), rules in grouped.items()
        )
        self._frames[routes] = frames
        return frames

    def _memory(self, vocabulary: Vocabulary) -> MatchMemory:
        """The rules that speak a vocabulary, compiled when the first event comes that they may mean."""
        memory = self._memories.get(vocabulary)
        if memory is None:
            speaking = (each.rules for each in self._destinations if each.vocabulary == vocabulary)
            program = program_of(list(dict.fromkeys(chain.from_iterable(speaking))), self._databases.folder)
            memory = self._memories[vocabulary] = MatchMemory(program, self._databases)
        return memory

    def _trim(self) -> None:
        dropped = [memory.trim() for memory in self._memories.values()]
        if any(dropped):
            self._ways.forget()
            for screens in self._screens:
                screens.forget_verdicts()
        else:
            self._ways.trim()
        crowded = [screens.trim() for screens in self._screens]
        if any(crowded):
            self._forget_screens()

    def _forget_screens(self) -> None:
        """Drop all screens at once, as they share what is remembered of converted values."""
        for screens in self._screens:
            screens.forget()
        for memory in self._memories.values():
            memory.forget_conversions()


def _destinations(rules: Sequence[Rule], policy: RoutingPolicy) -> list[_Destination]:
    by_source: dict[int, list[Rule]] = defaultdict(list)
    positions = {id(source): position for position, source in enumerate(policy.sources)}
    meant = {each: sources_of(each, policy.sources) for each in {rule.logsource for rule in rules}}
    for rule in rules:
        for source in meant[rule.logsource]:
            by_source[positions[id(source)]].append(rule)
    return [
        _Destination(vocabulary_of(policy.sources[position], policy.profiles), route, chosen)
        for position, chosen in sorted(by_source.items())
        for route in policy.sources[position].routes
    ]


def _distinct(matches: list[Match]) -> list[Match]:
    """Leave out what a rule found again in the same event by another route."""
    return list({(id(match.rule), id(match.event)): match for match in reversed(matches)}.values())[::-1]
