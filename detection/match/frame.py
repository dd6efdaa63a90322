"""The rules that apply to one kind of event, with the way their fields are found in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from detection.compile import CompiledRule, Hits, predicates_of
from detection.match.field_matcher import FieldMatcher
from detection.match.memory import MatchMemory
from detection.match.text import refers
from detection.routing import Shape, Vocabulary
from detection.rules.expression import ReferenceTest
from detection.rules.rule import Rule
from events import Event, values_of

_REMEMBERED_SHAPES = 10_000
_REMEMBERED_RESULTS = 200_000


@dataclass(frozen=True, slots=True)
class _Plan:
    """Which fields of one shape to match: event field, what is known of its values, matcher."""

    absent: int
    columns: tuple[tuple[str, dict[str, int], FieldMatcher], ...]
    references: tuple[tuple[int, str, str, ReferenceTest], ...]


class Frame:
    """Matches events of one kind against the rules that mean it. Not for use by several threads at once."""

    def __init__(
        self, memory: MatchMemory, rules: Iterable[Rule], vocabulary: Vocabulary, rename: Mapping[str, str]
    ) -> None:
        self._memory = memory
        self._generation = memory.generation
        compiled = [memory.program.rules[rule] for rule in dict.fromkeys(rules)]
        self._always = [each for each in compiled if each.anchor is None]
        self._anchored: dict[int, list[CompiledRule]] = defaultdict(list)
        for each in compiled:
            for number in each.anchor or ():
                self._anchored[number].append(each)
        predicates = [predicate for each in compiled for predicate in predicates_of(each.rule.expression)]
        named = {predicate.field for predicate in predicates if predicate.field is not None}
        named |= {predicate.test.field for predicate in predicates if isinstance(predicate.test, ReferenceTest)}
        self._candidates = {name: vocabulary.candidates(name, rename) for name in sorted(named)}
        numbers = {memory.program.numbers[predicate] for predicate in predicates}
        self._references = [each for each in memory.program.references if each[0] in numbers]
        self._keyword_names = vocabulary if any(predicate.field is None for predicate in predicates) else None
        self._plans: dict[Shape, _Plan] = {}
        self._results: dict[tuple[int, ...], tuple[Rule, ...]] = {}

    def match(self, event: Event, shape: Shape) -> tuple[Rule, ...]:
        """The rules an event of this shape satisfies."""
        plan = self._plans.get(shape) or self._plan(shape)
        hits = [plan.absent]
        for name, known, matcher in plan.columns:
            value = event[name]
            if value.__class__ is str:
                hit = known.get(value)
                if hit is None:
                    hit = matcher.find(value)
            else:
                hit = matcher.of(value)
            if hit:
                hits.append(hit)
        if plan.references:
            hits.append(self._referring(event, plan))
        key = tuple(hits)
        matched = self._results.get(key)
        return self._evaluate(key) if matched is None else matched

    def fields_of(self, sigma_name: str, event: Event) -> list[str]:
        """The event field that a rule's field name means in this event; none when it is absent."""
        found = next((name for name in self._candidates.get(sigma_name, ()) if name in event), None)
        return [] if found is None else [found]

    def keyword_fields(self, event: Event) -> list[str]:
        """The event fields in which unbound values are looked for."""
        return [] if self._keyword_names is None else [n for n in event if self._keyword_names.holds_keywords(n)]

    def hits(self, event: Event) -> Hits:
        """The numbers of all predicates that hold for an event."""
        plan = self._plan(tuple(event))
        numbers = [plan.absent, *(matcher.of(event[name]) for name, _, matcher in plan.columns)]
        return self._union((*numbers, self._referring(event, plan)))

    @property
    def memory(self) -> MatchMemory:
        """The program behind the frame with its matchers."""
        return self._memory

    def trim(self) -> None:
        """Keep what is remembered within its bounds; called between batches."""
        stale = self._generation != self._memory.generation
        if stale or len(self._results) > _REMEMBERED_RESULTS:
            self._results.clear()
        if stale or len(self._plans) > _REMEMBERED_SHAPES:
            self._plans.clear()
        self._generation = self._memory.generation

    def _plan(self, shape: Shape) -> _Plan:
        present = frozenset(shape)
        columns = []
        absent: set[int] = set()
        for name, candidates in self._candidates.items():
            matcher = self._memory.matcher(name)
            found = next((candidate for candidate in candidates if candidate in present), None)
            if found is None:
                absent |= matcher.null
            else:
                columns.append((found, matcher.known, matcher))
        if self._keyword_names is not None:
            matcher = self._memory.matcher(None)
            columns += [(name, matcher.known, matcher) for name in shape if self._keyword_names.holds_keywords(name)]
        plan = _Plan(self._memory.hits.number(absent), tuple(columns), self._plan_references(present))
        self._plans[shape] = plan
        return plan

    def _plan_references(self, present: frozenset[str]) -> tuple[tuple[int, str, str, ReferenceTest], ...]:
        planned = []
        for number, field, test in self._references:
            left = next((name for name in self._candidates[field] if name in present), None)
            right = next((name for name in self._candidates[test.field] if name in present), None)
            if left is not None and right is not None:
                planned.append((number, left, right, test))
        return tuple(planned)

    def _referring(self, event: Event, plan: _Plan) -> int:
        return self._memory.hits.number(
            number
            for number, left, right, test in plan.references
            if any(refers(test, a, b) for a in values_of(event[left]) for b in values_of(event[right]))
        )

    def _union(self, key: Iterable[int]) -> Hits:
        sets = self._memory.hits.sets
        return frozenset().union(*(sets[number] for number in key))

    def _evaluate(self, key: tuple[int, ...]) -> tuple[Rule, ...]:
        hits = self._union(key)
        candidates = dict.fromkeys(self._always)
        for number in hits:
            if number in self._anchored:
                candidates.update(dict.fromkeys(self._anchored[number]))
        matched = tuple(each.rule for each in candidates if each.condition(hits))
        self._results[key] = matched
        return matched
