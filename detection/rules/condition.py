"""The condition of a rule: selections joined by and, or, not, ``1 of`` and ``all of``.

Sigma rules specification 2.1, "Condition". Precedence from low to high: or, and, not, parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase

from detection.rules.errors import RuleError
from detection.rules.expression import Expression, Not, Selection, all_of, any_of

_TOKEN = re.compile(r"\s*(?:([()])|([^\s()|]+)|(\|))")
_MAX_DEPTH = 64
_QUANTIFIERS: dict[str, Callable[[list[Expression]], Expression]] = {"1": any_of, "any": any_of, "all": all_of}
_RESERVED = frozenset({"and", "or", "not", "of", "(", ")"})


def parse_condition(text: str, selections: Mapping[str, Expression]) -> Expression:
    """The expression a condition stands for.

    Raises:
        RuleError: the condition is not one, or names a selection that the rule does not have.
    """
    parser = _Parser(_tokens(text), selections)
    expression = parser.alternatives(0)
    parser.expect_end()
    return expression


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    position = 0
    text = text.strip()
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None or found.group(3):
            raise RuleError("aggregation with '|' was removed from Sigma; write a correlation rule instead")
        tokens.append(found.group(1) or found.group(2))
        position = found.end()
    return tokens


class _Parser:
    """Recursive descent over the tokens of one condition."""

    def __init__(self, tokens: list[str], selections: Mapping[str, Expression]) -> None:
        self._tokens = tokens
        self._selections = selections
        self._next = 0

    def alternatives(self, depth: int) -> Expression:
        if depth > _MAX_DEPTH:
            raise RuleError(f"condition is nested more than {_MAX_DEPTH} levels deep; simplify it")
        parts = [self._conjunction(depth)]
        while self._take("or"):
            parts.append(self._conjunction(depth))
        return any_of(parts)

    def expect_end(self) -> None:
        if self._next < len(self._tokens):
            raise RuleError(f"condition: 'and' or 'or' expected before '{self._tokens[self._next]}'")

    def _conjunction(self, depth: int) -> Expression:
        parts = [self._negation(depth)]
        while self._take("and"):
            parts.append(self._negation(depth))
        return all_of(parts)

    def _negation(self, depth: int) -> Expression:
        negated = False
        while self._take("not"):
            negated = not negated
        operand = self._operand(depth)
        return Not(operand) if negated else operand

    def _operand(self, depth: int) -> Expression:
        if self._take("("):
            inner = self.alternatives(depth + 1)
            if not self._take(")"):
                raise RuleError("condition: a parenthesis is not closed")
            return inner
        word = self._word()
        if self._take("of"):
            return self._quantified(word, self._word())
        if word not in self._selections:
            raise RuleError(f"condition names '{word}', which the detection does not define")
        return Selection(word, self._selections[word])

    def _quantified(self, quantifier: str, pattern: str) -> Expression:
        join = _QUANTIFIERS.get(quantifier.lower())
        if join is None:
            raise RuleError(f"condition: '{quantifier} of' is not Sigma; use '1 of' or 'all of'")
        names = [name for name in self._selections if _covers(pattern, name)]
        if not names:
            raise RuleError(f"condition: '{quantifier} of {pattern}' covers no selection of the detection")
        return join([Selection(name, self._selections[name]) for name in names])

    def _word(self) -> str:
        if self._next >= len(self._tokens):
            raise RuleError("condition ends where a selection is expected")
        word = self._tokens[self._next]
        if word.lower() in _RESERVED:
            raise RuleError(f"condition: a selection is expected where '{word}' stands")
        self._next += 1
        return word

    def _take(self, token: str) -> bool:
        if self._next < len(self._tokens) and self._tokens[self._next].lower() == token:
            self._next += 1
            return True
        return False


def _covers(pattern: str, name: str) -> bool:
    """Whether a pattern of ``x of`` means this selection; a leading underscore hides a selection from the rest."""
    if name.startswith("_") and not pattern.startswith("_"):
        return False
    return pattern.lower() == "them" or fnmatchcase(name, pattern.replace("[", "[[]").replace("?", "[?]"))
