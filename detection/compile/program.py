"""The rules that speak one vocabulary, compiled together: shared predicates, conditions, anchors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from detection.compile.anchor import anchor_of
from detection.compile.condition import Condition, compile_condition
from detection.rules.expression import Predicate, ReferenceTest, Test
from detection.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule's condition over predicate numbers, and the anchor that calls for its evaluation (None: always)."""

    rule: Rule
    condition: Condition
    anchor: frozenset[int] | None


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
        condition = compile_condition(rule.expression, number)  # numbers by the rule's order, the same in every process
        anchor = anchor_of(rule.expression)
        wanted = None if anchor is None else frozenset(number(predicate) for predicate in anchor)
        compiled[rule] = CompiledRule(rule, condition, wanted)
    tests: dict[str | None, dict[int, Test]] = defaultdict(dict)
    references = []
    for predicate, position in numbers.items():
        if isinstance(predicate.test, ReferenceTest) and predicate.field is not None:
            references.append((position, predicate.field, predicate.test))
        else:
            tests[predicate.field][position] = predicate.test
    return Program(compiled, numbers, tests, tuple(references))
