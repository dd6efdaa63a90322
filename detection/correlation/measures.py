"""What is measured in a sliding window; each event costs constant time when it enters and when it leaves.

Percentiles keep the window's values sorted instead. Items come in the order of time, those of one time together.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import cast

from detection.correlation.item import Item, Measured, exact
from detection.rules.correlation_rule import Number


class Measure(ABC):
    """A number kept up to date while items enter and leave a window."""

    __slots__ = ()

    @staticmethod
    def alone(_item: Item) -> Number | None:
        """The measure of a window with one item, where it can be told without making any; None where it can't."""
        return None

    def enter(self, items: Sequence[Item], start: int) -> Number | None:
        """``add``, and then the ``value``."""
        self.add(items)
        return self.value(start)

    @abstractmethod
    def add(self, items: Sequence[Item]) -> None:
        """Items of one time enter."""

    @abstractmethod
    def remove(self, items: Sequence[Item]) -> None:
        """The oldest items leave; those of one event together."""

    @abstractmethod
    def value(self, start: int) -> Number | None:
        """The measure of the window that begins at ``start`` and ends with the last item; None: there is none."""


class EventCount(Measure):
    """How many events; one that came by several rules counts once."""

    __slots__ = ("_count",)

    @staticmethod
    def alone(_item: Item) -> int:
        """One event."""
        return 1

    def __init__(self) -> None:
        self._count = 0

    def enter(self, items: Sequence[Item], _start: int) -> int:
        """Count them, and how many there are then."""
        count = self._count = self._count + (1 if len(items) == 1 else len({item.id for item in items}))
        return count

    def add(self, items: Sequence[Item]) -> None:
        """Count them."""
        self.enter(items, 0)

    def remove(self, items: Sequence[Item]) -> None:
        """Take them off."""
        self._count -= 1 if len(items) == 1 else len({item.id for item in items})

    def value(self, _start: int) -> int:
        """The number of events."""
        return self._count


class DistinctCount(Measure):
    """How many different values."""

    __slots__ = ("_counts",)

    @staticmethod
    def alone(item: Item) -> int:
        """Its values, each of which it has once."""
        return len(item.values)

    def __init__(self) -> None:
        self._counts: dict[Measured, int] = {}

    def add(self, items: Sequence[Item]) -> None:
        """Count each value."""
        counts = self._counts
        for item in items:
            for value in item.values:
                counts[value] = counts.get(value, 0) + 1

    def remove(self, items: Sequence[Item]) -> None:
        """Forget values whose last event leaves."""
        counts = self._counts
        for item in items:
            for value in item.values:
                left = counts[value] - 1
                if left:
                    counts[value] = left
                else:
                    del counts[value]

    def value(self, _start: int) -> int:
        """The number of different values."""
        return len(self._counts)


class Sum(Measure):
    """The sum of the numbers, exact."""

    __slots__ = ("_count", "_total")

    def __init__(self) -> None:
        self._total: Number = 0
        self._count = 0

    def add(self, items: Sequence[Item]) -> None:
        """Add their numbers."""
        for number in _numbers(items):
            self._total += number
            self._count += 1

    def remove(self, items: Sequence[Item]) -> None:
        """Subtract their numbers."""
        for number in _numbers(items):
            self._total -= number
            self._count -= 1

    def value(self, _start: int) -> Number | None:
        """The sum, none where there is no number."""
        return self._total if self._count else None


class Average(Sum):
    """The mean of the numbers, exact."""

    __slots__ = ()

    def value(self, _start: int) -> Number | None:
        """The mean, none where there is no number."""
        return Fraction(self._total) / self._count if self._count else None


class Percentile(Measure):
    """A percentile of the numbers, between two of them by linear interpolation."""

    __slots__ = ("_denominator", "_numerator", "_sorted")

    def __init__(self, percentile: float) -> None:
        self._numerator, self._denominator = (Fraction(exact(percentile)) / 100).as_integer_ratio()
        self._sorted: list[Number] = []

    def add(self, items: Sequence[Item]) -> None:
        """Sort their numbers in."""
        for number in _numbers(items):
            insort(self._sorted, number)

    def remove(self, items: Sequence[Item]) -> None:
        """Take their numbers out."""
        for number in _numbers(items):
            del self._sorted[bisect_left(self._sorted, number)]

    def value(self, _start: int) -> Number | None:
        """The percentile, none where there is no number."""
        if not self._sorted:
            return None
        below, beyond = divmod((len(self._sorted) - 1) * self._numerator, self._denominator)
        low = self._sorted[below]
        if not beyond or (high := self._sorted[below + 1]) == low:
            return low
        scaled = low * self._denominator + (high - low) * beyond
        return Fraction(scaled, self._denominator) if scaled % self._denominator else scaled // self._denominator


class RuleCount(Measure):
    """How many of the rules matched."""

    __slots__ = ("_counts",)

    def __init__(self, slots: Iterable[int]) -> None:
        self._counts = dict.fromkeys(slots, 0)

    def add(self, items: Sequence[Item]) -> None:
        """Note their rules."""
        for item in items:
            if item.origin.slot in self._counts:
                self._counts[item.origin.slot] += 1

    def remove(self, items: Sequence[Item]) -> None:
        """Forget their rules."""
        for item in items:
            if item.origin.slot in self._counts:
                self._counts[item.origin.slot] -= 1

    def value(self, _start: int) -> int:
        """The number of rules with an event."""
        return sum(count > 0 for count in self._counts.values())


class OrderedRuleCount(Measure):
    """How many of the rules matched one after the other, in their order, each later than the one before.

    Remembers when the latest chain of each length that ends with each rule began, so nothing has to be removed.
    """

    __slots__ = ("_begun", "_places")

    def __init__(self, slots: Sequence[int]) -> None:
        self._places = {slot: place for place, slot in enumerate(slots)}
        self._begun: list[list[int | None]] = [[None] * (place + 1) for place in range(len(slots))]

    def add(self, items: Sequence[Item]) -> None:
        """Make chains longer; events of one time do not follow each other."""
        places = {self._places[item.origin.slot] for item in items if item.origin.slot in self._places}
        longer = {place: self._chains(place, items[0].time) for place in places}
        for place, chains in longer.items():
            self._begun[place] = chains

    def _chains(self, place: int, time: int) -> list[int | None]:
        chains: list[int | None] = [time]
        for length in range(1, place + 1):
            begun = [self._begun[before][length - 1] for before in range(length - 1, place)]
            chains.append(max((each for each in begun if each is not None), default=None))
        return chains

    def remove(self, items: Sequence[Item]) -> None:
        """Nothing to do: chains that began too early are passed over."""

    def value(self, start: int) -> int:
        """The length of the longest chain that began at ``start`` or later."""
        for length in range(len(self._begun), 0, -1):
            chains = (self._begun[place][length - 1] for place in range(length - 1, len(self._begun)))
            if any(begun is not None and begun >= start for begun in chains):
                return length
        return 0


def _numbers(items: Sequence[Item]) -> Iterable[Number]:
    """The numbers of items; of an event that came by several rules each number once."""
    if len(items) == 1:
        return cast("Iterable[Number]", items[0][3])
    distinct = {(item.id, item.values): item for item in items}.values()
    return cast("Iterable[Number]", [value for item in distinct for value in item.values])
