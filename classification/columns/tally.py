"""What the values of a column add up to, in memory that doesn't grow with them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from classification.columns.batches import Found, candidates_of, names_in
from classification.columns.vocabulary import DICTIONARIES, DOMAINS
from classification.identifiers import Pattern, load_identifiers

# A longer cell is prose, and no name or address as a whole.
_LONGEST_WORDS = 200


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

    def add(self, cells: Counter[str]) -> None:
        """Count cells, each as often as it occurs."""
        self.values += cells.total()
        texts = list(cells)
        for cell, found, named in zip(texts, candidates_of(texts), names_in(texts), strict=True):
            new = self._is_new(cell)
            holds, fits = self._tested(found, new=new)
            known, domain = self._worded(cell)
            times = cells[cell]
            _count(self.known, known, times)
            _count(self.holds, holds | known | named, times)
            _count(self.fits, holds | known | named | fits | domain, times)
            if new:
                _count(self.named, named - known, 1)

    def _worded(self, cell: str) -> tuple[set[str], set[str]]:
        """The categories that a cell is a known word for, and those whose domain it is of."""
        if len(cell) > _LONGEST_WORDS:
            return set(), set()
        known = {category for category, is_known in DICTIONARIES.items() if is_known(cell)}
        return known, {category for category in self.domains if category in DOMAINS and DOMAINS[category](cell)}

    def _is_new(self, cell: str) -> bool:
        """Whether a cell wasn't seen before; beyond the bound every cell counts as new."""
        key = hash(cell)
        if key in self._seen:
            return False
        if len(self._seen) < load_identifiers().columns.distinct:
            self._seen.add(key)
        return True

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
