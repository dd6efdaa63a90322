"""The anchor of a rule: predicates of which at least one must hold for the rule to match.

A rule is looked at only when a predicate of its anchor holds, so the anchor should hold rarely.
"""

from __future__ import annotations

from detection.rules.expression import (
    All,
    CompareTest,
    ExistsTest,
    Expression,
    Not,
    NullTest,
    Predicate,
    Selection,
    TextTest,
)

_COMMON = 1_000
_LONG_ENOUGH = 8


def anchor_of(expression: Expression) -> frozenset[Predicate] | None:
    """The predicates of which one must hold, the rarest choice there is; None when the rule can do without any."""
    if isinstance(expression, Predicate):
        return None if isinstance(expression.test, NullTest) else frozenset((expression,))
    if isinstance(expression, Not):
        return None
    if isinstance(expression, Selection):
        return anchor_of(expression.part)
    anchors = [anchor_of(part) for part in expression.parts]
    if isinstance(expression, All):
        usable = [anchor for anchor in anchors if anchor is not None]
        return min(usable, key=_frequency) if usable else None
    union: frozenset[Predicate] = frozenset()
    for anchor in anchors:
        if anchor is None:
            return None
        union |= anchor
    return union


def _frequency(anchor: frozenset[Predicate]) -> int:
    """A guess at how often one of these holds; only the order matters."""
    return sum(_predicate_frequency(predicate) for predicate in anchor)


def _predicate_frequency(predicate: Predicate) -> int:
    """Presence holds nearly always, comparisons and short texts often, long texts seldom."""
    test = predicate.test
    if isinstance(test, TextTest):
        longest = max((len(part) for part in test.pattern.parts if isinstance(part, str)), default=0)
        return _COMMON if longest == 0 else max(1, 4 * (_LONG_ENOUGH - longest))
    return _COMMON if isinstance(test, ExistsTest | CompareTest) else _LONG_ENOUGH
