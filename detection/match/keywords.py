"""Unbound values of rules: looked for in all texts of an event at once, and one by one when something is found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeGuard, cast

from detection.compile import Hits
from detection.match.database import DatabaseCache
from detection.match.field_matcher import FieldMatcher
from detection.match.hit_table import HitTable
from detection.match.raw_text import RawTexts
from detection.match.scanner import Scanner
from detection.match.text import folded, text_of
from detection.rules.expression import Test, TextTest
from detection.rules.pattern import Pattern, Wildcard
from events import Value, values_of

_BETWEEN = "\n"
_NOTHING: Hits = frozenset()


class KeywordMatcher:
    """Matches the keywords of some rules against the values of an event's fields.

    Args:
        tests: the keywords by number.
        hits: numbers sets of predicates.
        databases: where compiled databases are kept.
    """

    def __init__(self, tests: Mapping[int, Test], hits: HitTable, databases: DatabaseCache) -> None:
        self._matcher = FieldMatcher(tests, hits, databases)
        patterns = {number: folded(test.pattern) for number, test in tests.items() if _is_found_anywhere(test)}
        self._anywhere = Scanner(patterns, {}, databases, caseless=True) if len(patterns) == len(tests) else None
        texts = [_longest(pattern) for pattern in patterns.values()]
        self.raw = RawTexts(texts, databases) if self._anywhere else None
        """Looks for the keywords in records as they were received; None where that can't be told."""

    @property
    def timeouts(self) -> int:
        """Searches given up because an expression took too long."""
        return self._matcher.timeouts

    def hits(self, values: Sequence[Value]) -> Hits:
        """The keywords found in any of the values."""
        texts = cast("Sequence[str]", values)
        try:
            joined = _BETWEEN.join(texts)
        except TypeError:  # some are no texts
            texts = _texts(values)
            joined = _BETWEEN.join(texts)
        # Folding a text of ASCII would change nothing that the search, which ignores their case, could see.
        if self._anywhere and not self._anywhere.find(joined if joined.isascii() else joined.casefold()):
            return _NOTHING
        return frozenset().union(*(self._matcher.matching(text) for text in texts))


def _texts(values: Sequence[Value]) -> list[str]:
    return [text_of(each) for value in values for each in values_of(value) if each is not None]


def _longest(pattern: Pattern) -> str:
    """The longest text that has to be there for a pattern to fit."""
    return max((part for part in pattern.parts if isinstance(part, str)), key=len, default="")


def _is_found_anywhere(test: Test) -> TypeGuard[TextTest]:
    """Whether what satisfies the test in a text satisfies it in any longer text that holds it, in any case."""
    if not isinstance(test, TextTest):
        return False
    parts = test.pattern.parts
    return not test.cased and bool(parts) and parts[0] is parts[-1] is Wildcard.MANY
