"""Sets of predicates that hold, each known by a small number."""

from __future__ import annotations

from collections.abc import Iterable

from detection.compile import Hits


class HitTable:
    """Sets of predicates that hold, each known by a small number; 0 is the empty set."""

    def __init__(self) -> None:
        self.sets: list[Hits] = []
        self._numbers: dict[Hits, int] = {}
        self.forget()

    def number(self, hits: Iterable[int]) -> int:
        """The number of a set."""
        hit_set = frozenset(hits)
        number = self._numbers.setdefault(hit_set, len(self.sets))
        if number == len(self.sets):
            self.sets.append(hit_set)
        return number

    def union(self, numbers: Iterable[int]) -> Hits:
        """Everything in the sets of these numbers."""
        sets = self.sets
        return frozenset().union(*(sets[number] for number in numbers))

    def forget(self) -> None:
        """Drop every number given so far."""
        self.sets[:] = [frozenset()]
        self._numbers = {frozenset(): 0}
