"""What the values of a column add up to, in memory that doesn't grow with them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import compress, islice
from typing import NamedTuple

from classification.columns.batches import candidates_of, names_in
from classification.columns.outcomes import Outcome
from classification.columns.vocabulary import DOMAINS, known_words
from classification.identifiers import load_identifiers
from classification.text.shapes import Test

# A longer cell is prose, and no name or address as a whole.
_LONGEST_WORDS = 200
_NOTHING: frozenset[str] = frozenset()
_NOT_FOUND: tuple[None, None] = (None, None)


@dataclass(slots=True)
class Trials:
    """Different values of a pattern's shape, and how many of them passed its test."""

    shaped: int = 0
    passed: int = 0


@dataclass(slots=True)
class Series:
    """The least and the greatest of the numbers that passed, and how many different ones there were."""

    least: int = 0
    greatest: int = 0
    distinct: int = 0

    def add(self, number: int) -> None:
        """Take a number that wasn't seen before."""
        self.least = min(self.least, number) if self.distinct else number
        self.greatest = max(self.greatest, number)
        self.distinct += 1

    def density(self) -> float:
        """Share of the numbers between the least and the greatest that occur."""
        return self.distinct / (self.greatest - self.least + 1) if self.distinct > 1 else 0.0


class _Kind(NamedTuple):
    """What is in a cell: what its candidates come to, and its words, known as a whole, of a domain, names within."""

    outcome: Outcome | None
    known: frozenset[str]
    domain: frozenset[str]
    named: frozenset[str]


_EMPTY = _Kind(None, _NOTHING, _NOTHING, _NOTHING)


@dataclass(slots=True)
class Tally:
    """Counts over a column's values; no value is kept, and of its kind no more than ``distinct`` hashes.

    Attributes:
        domains: kinds whose domain is looked at, since the column's name speaks of them.
        values: neither null nor empty.
        holds: values that hold a category: a test passed, or words known.
        fits: values that hold it or at least look like it.
        known: values that are words known for it.
        named: different values with such a name within running text.
        trials: by test.
        series: the numbers that passed, by category.
    """

    domains: Collection[str]
    values: int = 0
    holds: Counter[str] = field(default_factory=Counter)
    fits: Counter[str] = field(default_factory=Counter)
    known: Counter[str] = field(default_factory=Counter)
    named: Counter[str] = field(default_factory=Counter)
    trials: defaultdict[Test, Trials] = field(default_factory=lambda: defaultdict(Trials))
    series: defaultdict[str, Series] = field(default_factory=lambda: defaultdict(Series))
    _seen: set[int] = field(default_factory=set)
    _of_domains: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Leave of the domains those that there are."""
        self._of_domains = [category for category in self.domains if category in DOMAINS]

    def add(self, cells: Counter[str]) -> None:
        """Count cells, each as often as it occurs."""
        self.values += cells.total()
        texts = list(cells)
        found, named, news = candidates_of(texts), names_in(texts), self._are_new(texts)
        kinds: dict[_Kind, list[int]] = {}
        for place, (cell, new) in enumerate(zip(texts, news, strict=True)):
            outcome, number = found.get(place, _NOT_FOUND)
            kind = _Kind(outcome, *self._worded(cell), named.get(place, _NOTHING))
            if kind == _EMPTY:
                continue
            counts = kinds.setdefault(kind, [0, 0])
            counts[0] += cells[cell]
            if new:
                counts[1] += 1
                if outcome is not None and number is not None:
                    self._note(outcome, number)
        for kind, (times, news_of_kind) in kinds.items():
            self._take(kind, times, news_of_kind)

    def _take(self, kind: _Kind, times: int, news: int) -> None:
        """Count cells that are alike, and how many of them are new."""
        outcome, known, domain, named = kind
        words = known | named
        holds = words | outcome.holds if outcome is not None else words
        _count(self.known, known, times)
        _count(self.holds, holds, times)
        _count(self.fits, holds | domain | outcome.fits if outcome is not None else holds | domain, times)
        _count(self.named, named - known, news)
        for tests, passed in outcome.tested if outcome is not None and news else ():
            for test in tests:
                trials = self.trials[test]
                trials.shaped += news
                trials.passed += news * (test in passed)

    def _note(self, outcome: Outcome, number: int) -> None:
        for category in outcome.numbered:
            self.series[category].add(number)

    def _worded(self, cell: str) -> tuple[frozenset[str], frozenset[str]]:
        """The categories that a cell is a known word for, and those whose domain it is of."""
        if len(cell) > _LONGEST_WORDS:
            return _NOTHING, _NOTHING
        domain = frozenset([c for c in self._of_domains if DOMAINS[c](cell)]) if self._of_domains else _NOTHING
        return known_words(cell), domain

    def _are_new(self, cells: Sequence[str]) -> list[bool]:
        """Whether each cell wasn't seen before; beyond the bound every cell counts as new."""
        keys = [hash(cell) for cell in cells]
        news = [key not in self._seen for key in keys]
        room = load_identifiers().columns.distinct - len(self._seen)
        if room > 0:
            self._seen.update(islice(compress(keys, news), room))
        return news


def _count(counter: Counter[str], categories: Collection[str], times: int) -> None:
    for category in categories:
        counter[category] += times
