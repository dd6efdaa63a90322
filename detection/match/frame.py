"""The rules that apply to one kind of event, with the way their fields are found in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from detection.compile import CompiledRule, Hits
from detection.match.memory import MatchMemory
from detection.match.plan import Columns, Plan, Reference, getter
from detection.match.screen import FrameScreen, Verdicts
from detection.match.screening import raw_keywords, screened_field, screened_references
from detection.routing import Shape, Vocabulary
from detection.rules.rule import Rule
from events import Event, Outline


class Frame:
    """Plans how events of one kind are matched against the rules that mean it. Not for several threads at once."""

    def __init__(
        self, memory: MatchMemory, rules: Iterable[Rule], vocabulary: Vocabulary, rename: Mapping[str, str]
    ) -> None:
        self._memory = memory
        program = memory.program
        compiled = [program.rules[rule] for rule in dict.fromkeys(rules)]
        self._always = [each for each in compiled if each.anchor is None]
        self._anchored: dict[int, list[CompiledRule]] = defaultdict(list)
        for each in compiled:
            for number in each.anchor or ():
                self._anchored[number].append(each)
        numbers = {number for each in compiled for number in each.numbers}
        self._references = [each for each in program.references if each[0] in numbers]
        named = {name for name in map(program.fields.__getitem__, numbers) if name is not None}
        named |= {test.field for _, _, test in self._references}
        self._candidates = {name: vocabulary.candidates(name, rename) for name in sorted(named)}
        self._absences = {name: program.absences[name] for name in sorted(named.intersection(program.absences))}
        self._meant: dict[str, list[str]] = defaultdict(list)
        for name, candidates in self._candidates.items():
            for candidate in candidates:
                self._meant[candidate].append(name)
        self._vocabulary = vocabulary
        self._keywords = memory.keywords(numbers)

    @property
    def memory(self) -> MatchMemory:
        """The program behind the frame with its matchers."""
        return self._memory

    def plan(self, shape: Shape) -> Plan:
        """How the events of a shape are matched."""
        present = frozenset(shape)
        memory = self._memory
        names = self._named(present)
        return Plan(
            columns=Columns.of([(self._meaning(name, present), memory.matcher(name)) for name in names]),
            references=tuple(self._references_within(present)),
            keyword_values=getter(self.keyword_fields(shape)),
            keywords=self._keywords,
            absent=self._absent(names),
            hits=memory.hits,
            evaluate=self._evaluate,
        )

    def screen(self, outline: Outline) -> FrameScreen:
        """How the documents of an outline are screened.

        Raises:
            UnclearError: the outline does not tell enough.
        """
        memory = self._memory
        names = self._named(outline.fields())
        fields = [screened_field(outline, self._candidates[name], memory.matcher(name)) for name in names]
        columns = [field.column for field in fields if field.column is not None]
        held = self._absent(names).union(*(field.held for field in fields))
        keyword_fields = self.keyword_fields(outline.fields())
        keywords = raw_keywords(outline, keyword_fields, self._keywords) if self._keywords else None
        return FrameScreen(
            values=getter([name for name, _ in columns]),
            known=tuple(known for _, known in columns),
            references=screened_references(outline, self._candidates, self._references),
            verdicts=Verdicts(memory.hits, held, self._is_matched),
            keywords=keywords,
        )

    def fields_of(self, sigma_name: str, event: Event) -> list[str]:
        """The event field that a rule's field name means in this event; none when it is absent."""
        found = next((name for name in self._candidates.get(sigma_name, ()) if name in event), None)
        return [] if found is None else [found]

    def keyword_fields(self, event: Iterable[str]) -> list[str]:
        """The event fields in which unbound values are looked for."""
        return [] if self._keywords is None else self._vocabulary.keyword_fields(event)

    def hits(self, event: Event) -> Hits:
        """The numbers of all predicates that hold for an event."""
        return self.plan(tuple(event)).holding(event)

    def _named(self, fields: Iterable[str]) -> list[str]:
        """The names in rules that may mean one of some event fields."""
        return sorted({name for field in fields if field in self._meant for name in self._meant[field]})

    def _meaning(self, name: str, present: frozenset[str]) -> str:
        """The event field that a name means, of those present; one of them it does."""
        return next(candidate for candidate in self._candidates[name] if candidate in present)

    def _absent(self, names: Iterable[str]) -> Hits:
        """The predicates that hold because no field is there for the other names."""
        return frozenset().union(*(self._absences[name] for name in self._absences.keys() - names))

    def _references_within(self, present: frozenset[str]) -> Iterable[Reference]:
        for number, field, test in self._references:
            left = next((name for name in self._candidates[field] if name in present), None)
            right = next((name for name in self._candidates[test.field] if name in present), None)
            if left is not None and right is not None:
                yield Reference(number, left, right, test)

    def candidates(self, hits: Hits) -> Iterable[CompiledRule]:
        """The rules that a set of predicates calls for: those with one of them in their anchor, and those without."""
        candidates = dict.fromkeys(self._always)
        for number in self._anchored.keys() & hits:
            candidates.update(dict.fromkeys(self._anchored[number]))
        return candidates

    def _evaluate(self, hits: Hits) -> tuple[Rule, ...]:
        """The rules that hold for a set of predicates."""
        return tuple([each.rule for each in self.candidates(hits) if each.condition(hits)])

    def _is_matched(self, hits: Hits) -> bool:
        """Whether any rule holds for a set of predicates."""
        for each in self.candidates(hits):  # noqa: SIM110 (a generator costs more)
            if each.condition(hits):
                return True
        return False
