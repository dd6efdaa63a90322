"""What the values of a column add up to, in memory that doesn't grow with them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import compress, islice
from typing import NamedTuple

from classification.columns.batches import Found, candidates_of, names_in
from classification.columns.vocabulary import DOMAINS, known_words
from classification.identifiers import Pattern, load_identifiers

# A longer cell is prose, and no name or address as a whole.
_LONGEST_WORDS = 200
_NOTHING: frozenset[str] = frozenset()


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


class _Words(NamedTuple):
    """What the words of a cell are: known as a whole, of a domain, names within."""

    known: AbstractSet[str]
    domain: AbstractSet[str]
    named: AbstractSet[str]


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
        trials: by category and pattern.
        series: the numbers that passed, by category.
    """

    domains: Collection[str]
    values: int = 0
    holds: Counter[str] = field(default_factory=Counter)
    fits: Counter[str] = field(default_factory=Counter)
    known: Counter[str] = field(default_factory=Counter)
    named: Counter[str] = field(default_factory=Counter)
    trials: defaultdict[tuple[str, Pattern], Trials] = field(default_factory=lambda: defaultdict(Trials))
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
        for place, (cell, new) in enumerate(zip(texts, news, strict=True)):
            known, domain = self._worded(cell)
            if known or domain or place in found or place in named:
                words = _Words(known, domain, named.get(place, _NOTHING))
                self._take(found.get(place, ()), words, cells[cell], new=new)

    def _take(self, found: Sequence[Found], words: _Words, times: int, *, new: bool) -> None:
        """Count a cell in which there is something."""
        holds, fits = self._tested(found, new=new)
        _count(self.known, words.known, times)
        _count(self.holds, holds | words.known | words.named, times)
        _count(self.fits, holds | words.known | words.named | fits | words.domain, times)
        if new:
            _count(self.named, words.named - words.known, 1)

    def _worded(self, cell: str) -> tuple[AbstractSet[str], AbstractSet[str]]:
        """The categories that a cell is a known word for, and those whose domain it is of."""
        if len(cell) > _LONGEST_WORDS:
            return _NOTHING, _NOTHING
        return known_words(cell), {c for c in self._of_domains if DOMAINS[c](cell)} if self._of_domains else _NOTHING

    def _are_new(self, cells: Sequence[str]) -> list[bool]:
        """Whether each cell wasn't seen before; beyond the bound every cell counts as new."""
        keys = [hash(cell) for cell in cells]
        news = [key not in self._seen for key in keys]
        room = load_identifiers().columns.distinct - len(self._seen)
        if room > 0:
            self._seen.update(islice(compress(keys, news), room))
        return news

    def _tested(self, found: Sequence[Found], *, new: bool) -> tuple[set[str], set[str]]:
        """The categories that a cell holds, and those it has the shape of."""
        holds: set[str] = set()
        fits: set[str] = set()
        for one in found:
            for test in one.tests:
                fits.add(test.category)
                passed = test in one.passed
                if passed:
                    holds.add(test.category)
                if new:
                    self._try(test.category, test.pattern, one, passed=passed)
        return holds, fits

    def _try(self, category: str, pattern: Pattern, one: Found, *, passed: bool) -> None:
        trials = self.trials[category, pattern]
        trials.shaped += 1
        trials.passed += passed
        if passed and one.number is not None:
            self.series[category].add(one.number)


def _count(counter: Counter[str], categories: Collection[str], times: int) -> None:
    for category in categories:
        counter[category] += times
