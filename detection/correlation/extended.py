"""Extended conditions of temporal correlations: rules joined by and, or, not, as alternatives of what must be there.

The grammar is that of a rule's own condition without ``x of``; precedence from low to high: or, and, not, parentheses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from detection.rules.condition import parse_condition
from detection.rules.correlation_rule import Term
from detection.rules.errors import RuleError
from detection.rules.expression import All, Expression, Not, NullTest, Predicate, Selection

_MOST_TERMS = 64
_JOINING = frozenset({"and", "or", "not"})
_WHERE = ("correlation", "condition")


def names_in(text: str) -> tuple[str, ...]:
    """The rules that an extended condition names, in order."""
    words = text.replace("(", " ").replace(")", " ").split()
    return tuple(dict.fromkeys(word for word in words if word.lower() not in _JOINING))


def terms_of(text: str, slots: Mapping[str, int]) -> tuple[Term, ...]:
    """The alternatives of an extended condition over rules given by their places.

    Raises:
        RuleError: the condition is not one, names an unknown rule, or has an alternative in which no rule must match.
    """
    selections: dict[str, Expression] = {name: Predicate(name, NullTest()) for name in slots}
    try:
        expression = parse_condition(text, selections)
    except RuleError as error:
        raise RuleError(str(error), _WHERE) from error
    terms = tuple(dict.fromkeys(_terms(expression, slots, negative=False)))
    if not terms:
        raise RuleError("the condition contradicts itself; no events can satisfy it", _WHERE)
    if not all(term.present for term in terms):
        raise RuleError("the condition can hold where no rule matches; join 'not' with a rule that must match", _WHERE)
    return terms


def _terms(node: Expression, slots: Mapping[str, int], *, negative: bool) -> Iterator[Term]:
    """The disjunctive normal form of an expression or of its negation."""
    if isinstance(node, Not):
        yield from _terms(node.part, slots, negative=not negative)
    elif isinstance(node, Selection):
        slot = frozenset((slots[node.name],))
        yield Term(frozenset(), slot) if negative else Term(slot, frozenset())
    elif isinstance(node, Predicate):
        raise RuleError("the condition names no rule", _WHERE)
    elif isinstance(node, All) is negative:
        for part in node.parts:
            yield from _terms(part, slots, negative=negative)
    else:
        yield from _conjunction([list(_terms(part, slots, negative=negative)) for part in node.parts])


def _conjunction(parts: list[list[Term]]) -> list[Term]:
    joined = [Term(frozenset(), frozenset())]
    for part in parts:
        joined = [
            Term(left.present | right.present, left.absent | right.absent)
            for left in joined
            for right in part
            if not (left.present | right.present) & (left.absent | right.absent)
        ]
        if len(joined) > _MOST_TERMS:
            raise RuleError(f"the condition has more than {_MOST_TERMS} alternatives; simplify it", _WHERE)
    return joined
