"""A compiled program with what matching remembers for it: field matchers, hit sets, and a bound on both."""

from __future__ import annotations

from detection.compile import Program
from detection.match.field_matcher import FieldMatcher, HitTable

_REMEMBERED_CHARACTERS = 48 << 20
_REMEMBERED_SETS = 500_000


class MatchMemory:
    """The matchers of a program's fields, made when first needed, and the hit sets they share."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.hits = HitTable()
        self.generation = 0
        """Grows whenever everything remembered is dropped; numbers of hit sets hold within one generation."""
        self._matchers: dict[str | None, FieldMatcher] = {}

    def matcher(self, field: str | None) -> FieldMatcher:
        """The matcher of a field (None: keywords)."""
        matcher = self._matchers.get(field)
        if matcher is None:
            matcher = self._matchers[field] = FieldMatcher(self.program.tests.get(field, {}), self.hits)
        return matcher

    @property
    def timeouts(self) -> int:
        """Searches given up because an expression took too long; each counted as not found."""
        return sum(matcher.timeouts for matcher in self._matchers.values())

    def trim(self) -> None:
        """Drop everything remembered once it has grown beyond its bound; called between batches."""
        characters = sum(matcher.remembered_characters for matcher in self._matchers.values())
        if characters > _REMEMBERED_CHARACTERS or len(self.hits.sets) > _REMEMBERED_SETS:
            for matcher in self._matchers.values():
                matcher.known.clear()
                matcher.remembered_characters = 0
            self.hits.forget()
            self.generation += 1
