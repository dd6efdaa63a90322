"""The rules that speak one vocabulary, compiled together: shared predicates, conditions over them, anchors."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from detection.compile.anchor import anchor_of
from detection.compile.condition import Condition, Hits, compile_condition, predicates_of
from detection.rules.expression import NullTest, Predicate, ReferenceTest, Test
from detection.rules.rule import Rule


class CompiledRule:
    """A rule with the numbers of its predicates, in its own order, and the anchor that calls for its evaluation.

    There may be a hundred thousand of them, of which most are never evaluated: the rule is not decoded before.
    """

    __slots__ = ("_condition", "_numbering", "_numbers", "anchor", "rule")

    def __init__(self, rule: Rule, numbers: Iterable[int], anchor: Iterable[int] | None) -> None:
        """Take the rule, the numbers of its predicates, and of those in its anchor (None: it is always called for)."""
        self.rule = rule
        self._numbers = array("I", numbers)
        self.anchor: Sequence[int] | None = None if anchor is None else array("I", anchor)
        self._condition: Condition | None = None
        self._numbering: Mapping[Predicate, int] = {}

    @property
    def numbers(self) -> Sequence[int]:
        """The numbers of the rule's predicates, in its own order."""
        return self._numbers

    @property
    def numbering(self) -> Mapping[Predicate, int]:
        """The number of each of the rule's predicates."""
        if not self._numbering:
            self._numbering = dict(zip(predicates_of(self.rule.expression), self._numbers, strict=True))
        return self._numbering

    @property
    def condition(self) -> Condition:
        """The rule's condition over predicate numbers, compiled when the anchor first calls: most never do."""
        if self._condition is None:
            self._condition = compile_condition(self.rule.expression, self.numbering.__getitem__)
        return self._condition


@dataclass(frozen=True, slots=True)
class Program:
    """Compiled rules with all their predicates, each numbered once however many rules share it.

    Attributes:
        rules: by the identity of the rule.
        fields: the field of each predicate (None: keywords), by its number.
        tests: gives the tests of a field (None: keywords) by number, without references between fields.
        references: (number, field, test) of each reference between fields.
        absences: by field, the predicates that hold where it is absent; fields without any are left out.
    """

    rules: Mapping[Rule, CompiledRule]
    fields: Sequence[str | None]
    tests: Callable[[str | None], Mapping[int, Test]]
    references: Sequence[tuple[int, str, ReferenceTest]]
    absences: Mapping[str, Hits]


def compile_program(rules: Iterable[Rule]) -> Program:
    """Compile rules together."""
    numbers: dict[Predicate, int] = {}
    compiled = {rule: _compiled(rule, numbers) for rule in rules}
    tests: dict[str | None, dict[int, Test]] = defaultdict(dict)
    references = []
    for predicate, position in numbers.items():
        if isinstance(predicate.test, ReferenceTest) and predicate.field is not None:
            references.append((position, predicate.field, predicate.test))
        else:
            tests[predicate.field][position] = predicate.test
    fields = [predicate.field for predicate in numbers]
    return Program(compiled, fields, lambda field: tests.get(field, {}), references, _absences(tests))


def _absences(tests: Mapping[str | None, Mapping[int, Test]]) -> dict[str, Hits]:
    found = {
        field: frozenset(number for number, test in own.items() if isinstance(test, NullTest))
        for field, own in tests.items()
        if field is not None
    }
    return {field: numbers for field, numbers in found.items() if numbers}


def _compiled(rule: Rule, numbers: dict[Predicate, int]) -> CompiledRule:
    """A rule compiled; predicates not seen before get numbers in its order, so that they are alike in every process."""
    expression, anchor = rule.expression, anchor_of(rule.expression)
    own = [numbers.setdefault(predicate, len(numbers)) for predicate in predicates_of(expression)]
    return CompiledRule(rule, own, None if anchor is None else sorted([numbers[predicate] for predicate in anchor]))
