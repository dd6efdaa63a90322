"""Conditions of if- and while-steps: the comparison expressions of STIX 2.1 patterning (§9), over variables.

``__name__:value`` stands where a STIX pattern has an object path. Nothing is evaluated but comparisons, AND, OR, NOT
and parentheses; a regular expression has a time limit.
"""

from __future__ import annotations

import fnmatch
import ipaddress
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

import regex

from playbooks.cacao.variables import Variables, value_of
from playbooks.errors import ConditionError

_TOKEN = re.compile(
    r"""\s*(?:(?P<variable>__[a-zA-Z_][a-zA-Z0-9_-]{0,199}?__:value)
    |(?P<text>'(?:[^'\\]|\\.)*')
    |(?P<number>[+-]?\d+(?:\.\d+)?)
    |(?P<sign>==|!=|<>|<=|>=|=|<|>|\(|\)|\[|\]|,)
    |(?P<word>[A-Za-z]+))""",
    re.VERBOSE,
)
_COMPARISONS: dict[str, Callable[[float | str, float | str], bool]] = {
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_WORDS = frozenset({"AND", "OR", "NOT", "IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET", "TRUE", "FALSE"})
_DEEPEST = 32
_MATCH_SECONDS = 0.5

Decision = Callable[[Variables], bool]


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def parse_condition(text: str) -> Decision:
    """Read a condition; what is returned decides it for given variables.

    Raises:
        ConditionError: it is no comparison expression; also by the decision, where a value has no such comparison.
    """
    return _Parser(text).parse()


class _Parser:
    """Recursive descent: OR binds weaker than AND, both weaker than NOT."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._next = 0
        self._depth = 0

    def parse(self) -> Decision:
        decision = self._alternatives()
        if self._next < len(self._tokens):
            raise self._unexpected()
        return decision

    def _alternatives(self) -> Decision:
        parts = [self._conjunction()]
        while self._take("word", "OR"):
            parts.append(self._conjunction())
        return parts[0] if len(parts) == 1 else lambda variables: any(part(variables) for part in parts)

    def _conjunction(self) -> Decision:
        parts = [self._negation()]
        while self._take("word", "AND"):
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else lambda variables: all(part(variables) for part in parts)

    def _negation(self) -> Decision:
        if self._take("word", "NOT"):
            inner = self._negation()
            return lambda variables: not inner(variables)
        for opening, closing in (("(", ")"), ("[", "]")):
            if self._take("sign", opening):
                return self._enclosed(closing)
        return self._comparison()

    def _enclosed(self, closing: str) -> Decision:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ConditionError(f"more than {_DEEPEST} parentheses within each other; make it simpler")
        inner = self._alternatives()
        if not self._take("sign", closing):
            raise self._unexpected()
        self._depth -= 1
        return inner

    def _comparison(self) -> Decision:
        left = self._operand()
        negated = bool(self._take("word", "NOT"))
        compare = self._operator()
        decision = self._membership(left) if compare == "IN" else _decision(compare, left, self._operand())
        return (lambda variables: not decision(variables)) if negated else decision

    def _operator(self) -> str:
        token = self._peek()
        if token and (
            token.text in _COMPARISONS or token.text.upper() in {"IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"}
        ):
            self._next += 1
            return token.text.upper()
        raise self._unexpected()

    def _membership(self, left: Callable[[Variables], str]) -> Decision:
        if not self._take("sign", "("):
            raise self._unexpected()
        members = [self._operand()]
        while self._take("sign", ","):
            members.append(self._operand())
        if not self._take("sign", ")"):
            raise self._unexpected()
        return lambda variables: left(variables) in {member(variables) for member in members}

    def _operand(self) -> Callable[[Variables], str]:
        token = self._peek()
        if token is None or token.kind == "sign" or (token.kind == "word" and token.text.upper() not in _TRUTHS):
            raise self._unexpected()
        self._next += 1
        if token.kind == "variable":
            name = token.text.removesuffix(":value")
            return lambda variables: value_of(variables, name)
        text = re.sub(r"\\(.)", r"\1", token.text[1:-1]) if token.kind == "text" else token.text
        constant = text.lower() if token.kind == "word" else text
        return lambda _variables: constant

    def _peek(self) -> _Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _take(self, kind: str, text: str) -> bool:
        token = self._peek()
        found = token is not None and token.kind == kind and token.text.upper() == text
        self._next += found
        return found

    def _unexpected(self) -> ConditionError:
        token = self._peek()
        at = f"character {token.at + 1}, {token.text!r}" if token else "its end"
        return ConditionError(
            f"the condition can't be read at {at}; compare as in __name__:value = 'text', joined by AND and OR"
        )


_TRUTHS = frozenset({"TRUE", "FALSE"})


def _tokens(text: str) -> list[_Token]:
    tokens, at, end = [], 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None or (found.lastgroup == "word" and found.group("word").upper() not in _WORDS):
            raise ConditionError(f"the condition can't be read at character {at + 1}; quote texts with '")
        kind = str(found.lastgroup)
        tokens.append(_Token(kind, found.group(kind), found.start(kind)))
        at = found.end()
    return tokens


def _decision(compare: str, left: Callable[[Variables], str], right: Callable[[Variables], str]) -> Decision:
    decide = _COMPARISONS.get(compare)
    if decide is not None:
        return lambda variables: decide(*_alike(left(variables), right(variables)))
    special = {"LIKE": _like, "MATCHES": _matches, "ISSUBSET": _is_subset, "ISSUPERSET": _is_superset}[compare]
    return lambda variables: special(left(variables), right(variables))


def _alike(left: str, right: str) -> tuple[float | str, float | str]:
    """Both as numbers where both are numbers, as lower-case truths where both are truths, else both as texts."""
    try:
        return float(left), float(right)
    except ValueError:
        truths = {left.lower(), right.lower()} <= {"true", "false"}
        return (left.lower(), right.lower()) if truths else (left, right)


def _like(value: str, pattern: str) -> bool:
    """STIX: % stands for any characters, _ for one; anything else for itself."""
    special = {"%": "*", "_": "?", "[": "[[]", "*": "[*]", "?": "[?]"}
    return fnmatch.fnmatchcase(value, "".join(special.get(each, each) for each in pattern))


def _matches(value: str, pattern: str) -> bool:
    try:
        return regex.search(pattern, value, timeout=_MATCH_SECONDS) is not None
    except (regex.error, TimeoutError) as error:
        raise ConditionError(f"MATCHES {pattern[:64]!r}: no usable regular expression; simplify it") from error


def _is_subset(value: str, network: str) -> bool:
    inner, outer = _network(value), _network(network)
    return inner.version == outer.version and inner.subnet_of(outer)  # type: ignore[arg-type]  # of one version, as just seen


def _is_superset(value: str, network: str) -> bool:
    return _is_subset(network, value)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise ConditionError(f"{text[:64]!r} is no network; compare it with =") from error
