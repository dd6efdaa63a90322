"""A rule's expression becomes a function of the set of predicates that hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from detection.rules.expression import All, Expression, Not, Predicate, Selection

Hits: TypeAlias = frozenset[int]
"""Numbers of the predicates that hold for an event."""
Condition: TypeAlias = Callable[[Hits], bool]
Numbering: TypeAlias = Callable[[Predicate], int]


def compile_condition(expression: Expression, number: Numbering) -> Condition:
    """The function that tells from the predicates that hold whether the expression does."""
    if isinstance(expression, Selection):
        return compile_condition(expression.part, number)
    if isinstance(expression, Predicate):
        return frozenset((number(expression),)).issubset
    if isinstance(expression, Not):
        return _negation(compile_condition(expression.part, number))
    numbers = frozenset(number(part) for part in expression.parts if isinstance(part, Predicate))
    others = tuple(compile_condition(part, number) for part in expression.parts if not isinstance(part, Predicate))
    return _conjunction(numbers, others) if isinstance(expression, All) else _alternatives(numbers, others)


def predicates_of(expression: Expression) -> Iterable[Predicate]:
    """Every predicate of an expression, in order."""
    if isinstance(expression, Predicate):
        yield expression
    elif isinstance(expression, Selection | Not):
        yield from predicates_of(expression.part)
    else:
        for part in expression.parts:
            yield from predicates_of(part)


def _negation(condition: Condition) -> Condition:
    return lambda hits: not condition(hits)


def _conjunction(numbers: Hits, others: tuple[Condition, ...]) -> Condition:
    if not others:
        return numbers.issubset

    def every(hits: Hits) -> bool:
        if not numbers <= hits:
            return False
        for other in others:  # noqa: SIM110 (a generator costs more than the conditions)
            if not other(hits):
                return False
        return True

    return every


def _alternatives(numbers: Hits, others: tuple[Condition, ...]) -> Condition:
    def some(hits: Hits) -> bool:
        if not numbers.isdisjoint(hits):
            return True
        for other in others:  # noqa: SIM110 (as above)
            if other(hits):
                return True
        return False

    return some
