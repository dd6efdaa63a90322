"""The rules that speak one vocabulary, compiled together: shared predicates, conditions, anchors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from detection.compile.anchor import anchor_of
from detection.compile.condition import Condition, Numbering, compile_condition, predicates_of
from detection.rules.expression import Predicate, ReferenceTest, Test
from detection.rules.rule import Rule


class CompiledRule:
    """A rule with the anchor that calls for its evaluation (None: always)."""

    __slots__ = ("_condition", "_number", "anchor", "rule")

    def __init__(self, rule: Rule, number: Numbering, anchor: frozenset[int] | None) -> None:
        """Take the rule, the numbers of its predicates, and its anchor."""
        self.rule = rule
        self.anchor = anchor
        self._number = number
        self._condition: Condition | None = None

    @property
    def condition(self) -> Condition:
        """The rule's condition over predicate numbers, compiled when the anchor first calls: most never do."""
        if self._condition is None:
            self._condition = compile_condition(self.rule.expression, self._number)
        return self._condition


@dataclass(frozen=True, slots=True)
class Program:
    """Compiled rules with all their predicates, each numbered once however many rules share it.

    Attributes:
        rules: by the identity of the rule.
        numbers: every predicate's number.
        tests: the tests of each field (None: keywords) by number, without references between fields.
        references: (number, field, test) of each reference between fields.
    """

    rules: Mapping[Rule, CompiledRule]
    numbers: Mapping[Predicate, int]
    tests: Mapping[str | None, Mapping[int, Test]]
    references: tuple[tuple[int, str, ReferenceTest], ...]


def compile_program(rules: Iterable[Rule]) -> Program:
    """Compile rules together."""
    numbers: dict[Predicate, int] = {}

    def number(predicate: Predicate) -> int:
        return numbers.setdefault(predicate, len(numbers))

    compiled = {}
    for rule in rules:
        expression = rule.expression
        for predicate in predicates_of(expression):  # in the rule's order, so that numbers are alike in every process
            number(predicate)
        anchor = anchor_of(expression)
        wanted = None if anchor is None else frozenset([numbers[predicate] for predicate in anchor])
        compiled[rule] = CompiledRule(rule, numbers.__getitem__, wanted)
    tests: dict[str | None, dict[int, Test]] = defaultdict(dict)
    references = []
    for predicate, position in numbers.items():
        if isinstance(predicate.test, ReferenceTest) and predicate.field is not None:
            references.append((position, predicate.field, predicate.test))
        else:
            tests[predicate.field][position] = predicate.test
    return Program(compiled, numbers, tests, tuple(references))
