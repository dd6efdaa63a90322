"""Expressions as plain data (lists, texts, numbers), so that read rules can be kept as JSON, and back again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from detection.rules.expression import (
    All,
    CidrTest,
    CompareTest,
    ExistsTest,
    Expression,
    Not,
    NullTest,
    Predicate,
    ReferenceTest,
    RegexTest,
    Selection,
    Test,
    TextTest,
    TimeTest,
)
from detection.rules.expression import Any as AnyOf
from detection.rules.pattern import Pattern, Wildcard

Coded: TypeAlias = list[Any]
"""The first element is a letter that tells the kind of what follows."""

_WILDCARDS = tuple(Wildcard)
_NUMBERS = {wildcard: number for number, wildcard in enumerate(_WILDCARDS)}


def coded(expression: Expression) -> Coded:
    """An expression as plain data."""
    if isinstance(expression, Predicate):
        return ["p", expression.field, *coded_test(expression.test)]
    if isinstance(expression, Selection):
        return ["s", expression.name, coded(expression.part)]
    if isinstance(expression, Not):
        return ["n", coded(expression.part)]
    return ["a" if isinstance(expression, All) else "o", *(coded(part) for part in expression.parts)]


def decoded(data: Coded) -> Expression:
    """The expression that plain data stands for."""
    kind = data[0]
    if kind == "p":
        return Predicate(data[1], decoded_test(data[2:]))
    if kind == "s":
        return Selection(data[1], decoded(data[2]))
    if kind == "n":
        return Not(decoded(data[1]))
    parts = tuple([decoded(part) for part in data[1:]])
    return All(parts) if kind == "a" else AnyOf(parts)


def coded_test(test: Test) -> Coded:
    """A test as plain data."""
    letter, code, _ = _TESTS[type(test)]
    return [letter, *code(test)]


def decoded_test(data: Coded) -> Test:
    """The test that plain data stands for."""
    return _DECODE[data[0]](data[1:])


def _coded_part(part: str | Wildcard) -> str | int:
    return _NUMBERS[part] if isinstance(part, Wildcard) else part


def _number(text: str) -> float:
    """A number as it was: whole or not, also infinite, which JSON does not have."""
    return int(text) if text.removeprefix("-").isdigit() else float(text)


def _coded_text(test: TextTest) -> Coded:
    return [int(test.cased), *(_coded_part(part) for part in test.pattern.parts)]


def _decoded_text(data: Coded) -> TextTest:
    parts = [part if part.__class__ is str else _WILDCARDS[part] for part in data[1:]]
    return TextTest(Pattern(tuple(parts)), bool(data[0]))


_TESTS: dict[type[Test], tuple[str, Callable[[Any], Coded], Callable[[Coded], Test]]] = {
    TextTest: ("t", _coded_text, _decoded_text),
    RegexTest: ("r", lambda test: [test.expression, test.flags], lambda data: RegexTest(*data)),
    CidrTest: ("i", lambda test: [test.network], lambda data: CidrTest(*data)),
    CompareTest: (
        "c",
        lambda test: [test.comparison, repr(test.number)],
        lambda data: CompareTest(data[0], _number(data[1])),
    ),
    TimeTest: ("d", lambda test: [test.unit, str(test.number)], lambda data: TimeTest(data[0], int(data[1]))),
    NullTest: ("0", lambda _: [], lambda _: NullTest()),
    ExistsTest: ("e", lambda _: [], lambda _: ExistsTest()),
    ReferenceTest: (
        "f",
        lambda test: [test.field, test.placement, test.cased],
        lambda data: ReferenceTest(*data),
    ),
}
_DECODE = {letter: decode for letter, _, decode in _TESTS.values()}
