"""The part of STIX patterning that names single values (STIX 2.1 §9): what it names, or why it can't be matched.

An event is compared with one value at a time. So alternatives (``OR``, ``IN``) are read in full; ``AND`` only where it
lists the hashes of one file, each of which names it, or where it repeats a value's own type. Everything else (order in
time, negation, patterns within values) is refused rather than approximated.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from detection.intelligence.errors import NoIndicatorError
from detection.intelligence.values import IndicatorType, address_of

_TOKEN = re.compile(
    r"\s*(?:"
    r"(?P<text>'(?:[^'\\]|\\['\\])*')"
    r"|(?P<path>[a-z][a-z0-9-]*:[A-Za-z_][A-Za-z0-9_-]*(?:\.(?:'[^'\\]*'|\"[^\"\\]*\"|[A-Za-z0-9_-]+)|\[(?:\d+|\*)\])*)"
    r"|(?P<word>[A-Za-z]+)"
    r"|(?P<mark>!=|<=|>=|<>|[=<>()\[\],])"
    r"|(?P<other>[^\s]))"
)
_VALUE_TYPES = {
    "ipv4-addr:value": IndicatorType.IP,
    "ipv6-addr:value": IndicatorType.IP,
    "network-traffic:src_ref.value": None,
    "network-traffic:dst_ref.value": None,
    "domain-name:value": IndicatorType.DOMAIN,
    "url:value": IndicatorType.URL,
}
"""Object paths by what their value is; None is an address or a domain."""
_TYPE_PATHS = frozenset({"network-traffic:src_ref.type", "network-traffic:dst_ref.type"})
_HASHES = "file:hashes."
_HASH_NAMES = frozenset({"MD5", "SHA1", "SHA256", "SHA512"})

Named = tuple[IndicatorType, str]


@dataclass(frozen=True, slots=True)
class _Part:
    """What a part of a pattern names; ``joinable`` says in what company ``AND`` may put it."""

    named: tuple[Named, ...]
    joinable: str = ""


def values_named(pattern: str, nesting: int) -> list[Named]:
    """The values that a pattern names, any of which is a match.

    Args:
        pattern: a STIX pattern.
        nesting: levels of parentheses followed.

    Raises:
        NoIndicatorError: the pattern is broken, or asks for more than a single value.
    """
    return list(dict.fromkeys(_Parser(pattern, nesting).observations().named))


class _Parser:
    """Recursive descent over observations, comparisons joined by ``OR`` and ``AND``, single comparisons."""

    def __init__(self, pattern: str, nesting: int) -> None:
        self._tokens = [(match.lastgroup or "", match[match.lastgroup or 0]) for match in _TOKEN.finditer(pattern)]
        self._place = 0
        self._nesting = nesting

    def observations(self) -> _Part:
        """The whole pattern."""
        found = self._alternatives(self._observation)
        kind, text = self._peek()
        if kind == "word":
            raise NoIndicatorError(f"{text.upper()} between observations is about several events; not matched")
        if kind:
            raise self._broken()
        return found

    def _observation(self) -> _Part:
        if self._accept("("):
            return self._enclosed(")", lambda: self._alternatives(self._observation))
        if self._accept("["):
            return self._enclosed("]", self._any)
        raise self._broken()

    def _any(self) -> _Part:
        return self._alternatives(self._all)

    def _alternatives(self, read: Callable[[], _Part]) -> _Part:
        parts = [read()]
        while self._accept("OR"):
            parts.append(read())
        if len(parts) == 1:
            return parts[0]
        joinable = {part.joinable for part in parts}
        return _Part(
            tuple(each for part in parts for each in part.named), joinable.pop() if joinable == {"hash"} else ""
        )

    def _all(self) -> _Part:
        parts = [self._comparison()]
        while self._accept("AND"):
            parts.append(self._comparison())
        meant = [part for part in parts if part.joinable != "type"]
        if len(meant) > 1 and any(part.joinable != "hash" for part in meant):
            raise NoIndicatorError("AND joins values that must come together; events are compared with one at a time")
        if not meant:
            raise NoIndicatorError("names a type of address but no value")
        return _Part(tuple(each for part in meant for each in part.named), meant[0].joinable)

    def _comparison(self) -> _Part:
        if self._accept("("):
            return self._enclosed(")", self._any)
        kind, path = self._take()
        if kind != "path":
            raise self._broken()
        operator = self._operator()
        return _part(path, operator, self._literals(operator))

    def _operator(self) -> str:
        kind, text = self._take()
        operator = text.upper()
        if operator in ("=", "IN", "ISSUBSET"):
            return operator
        if kind in ("mark", "word"):
            raise NoIndicatorError(f"the comparison {operator} names no single value; not matched")
        raise self._broken()

    def _literals(self, operator: str) -> list[str]:
        if operator != "IN":
            return [self._literal()]
        if not self._accept("("):
            raise self._broken()
        found = [self._literal()]
        while self._accept(","):
            found.append(self._literal())
        if not self._accept(")"):
            raise self._broken()
        return found

    def _literal(self) -> str:
        kind, text = self._take()
        if kind != "text":
            raise self._broken()
        return re.sub(r"\\(.)", r"\1", text[1:-1])

    def _enclosed(self, end: str, read: Callable[[], _Part]) -> _Part:
        self._nesting -= 1
        if self._nesting < 0:
            raise NoIndicatorError("parentheses nested too deeply; no honest pattern is")
        found = read()
        if not self._accept(end):
            raise self._broken()
        self._nesting += 1
        return found

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._place] if self._place < len(self._tokens) else ("", "")

    def _take(self) -> tuple[str, str]:
        token = self._peek()
        self._place += 1
        return token

    def _accept(self, text: str) -> bool:
        kind, found = self._peek()
        if kind not in ("mark", "word") or found.upper() != text:
            return False
        self._place += 1
        return True

    def _broken(self) -> NoIndicatorError:
        return NoIndicatorError(f"the pattern breaks off at its part {self._place + 1}; correct the pattern")


def _part(path: str, operator: str, literals: list[str]) -> _Part:
    if path in _TYPE_PATHS and operator == "=":
        return _Part((), "type")
    if operator == "ISSUBSET" and path not in ("ipv4-addr:value", "ipv6-addr:value"):
        raise NoIndicatorError(f"ISSUBSET is not defined for {path[:80]}; correct the pattern")
    if path.startswith(_HASHES):
        name = path.removeprefix(_HASHES).strip("'\"").upper().replace("-", "")
        if name not in _HASH_NAMES:
            raise NoIndicatorError(f"{path[:80]} is a hash that events do not hold; not matched")
        return _Part(tuple((IndicatorType.HASH, text) for text in literals), "hash")
    if path not in _VALUE_TYPES:
        raise NoIndicatorError(f"{path[:80]} is not compared with events; not matched")
    kind = _VALUE_TYPES[path]
    return _Part(tuple((kind or _peer_type(text), text) for text in literals))


def _peer_type(text: str) -> IndicatorType:
    return IndicatorType.IP if address_of(text.partition("/")[0]) else IndicatorType.DOMAIN
