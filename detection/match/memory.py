"""A compiled program with what matching remembers for it: field matchers, hit sets, and a bound on both."""

from __future__ import annotations

from collections.abc import Iterable

from detection.compile import Hits, Program
from detection.match.database import DatabaseCache
from detection.match.field_matcher import FieldMatcher
from detection.match.hit_table import HitTable
from detection.match.keywords import KeywordMatcher

_REMEMBERED_CHARACTERS = 48 << 20
_REMEMBERED_SETS = 500_000


class MatchMemory:
    """The matchers of a program's fields, made when first needed, and the hit sets they share."""

    def __init__(self, program: Program, databases: DatabaseCache) -> None:
        self.program = program
        self._databases = databases
        self.hits = HitTable()
        self._matchers: dict[str | None, FieldMatcher] = {}
        self._keywords: dict[Hits, KeywordMatcher] = {}

    def matcher(self, field: str | None) -> FieldMatcher:
        """The matcher of a field (None: keywords)."""
        matcher = self._matchers.get(field)
        if matcher is None:
            matcher = self._matchers[field] = FieldMatcher(self.program.tests(field), self.hits, self._databases)
        return matcher

    def keywords(self, numbers: Iterable[int]) -> KeywordMatcher | None:
        """The matcher of those keywords that are among the predicates of these numbers; None where there are none."""
        tests = self.program.tests(None)
        wanted = frozenset(tests).intersection(numbers)
        if wanted and wanted not in self._keywords:
            chosen = {number: tests[number] for number in sorted(wanted)}
            self._keywords[wanted] = KeywordMatcher(chosen, self.hits, self._databases)
        return self._keywords.get(wanted)

    def forget_conversions(self) -> None:
        """Drop how values are written otherwise in events, with the screens that knew of it."""
        for matcher in self._matchers.values():
            matcher.forget_conversions()

    @property
    def timeouts(self) -> int:
        """Searches given up because an expression took too long; each counted as not found."""
        fields = sum(matcher.timeouts for matcher in self._matchers.values())
        return fields + sum(matcher.timeouts for matcher in self._keywords.values())

    def trim(self) -> bool:
        """Drop everything remembered once it has grown beyond its bound; called between batches.

        Returns:
            Whether it was dropped: numbers of hit sets given before stand for nothing any more.
        """
        characters = sum(matcher.remembered_characters for matcher in self._matchers.values())
        if characters <= _REMEMBERED_CHARACTERS and len(self.hits.sets) <= _REMEMBERED_SETS:
            return False
        for matcher in self._matchers.values():
            matcher.forget()
        self.hits.forget()
        return True
