"""All active indicators in eight bytes each: a sorted array of hashes tells which values may be indicators at all.

What an indicator says is read from the database when a value of an event hits; hits are rare, indicators are not.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from detection.intelligence.candidates import PrefixLengths, candidates_by_type
from detection.intelligence.values import IndicatorType

_REMEMBERED_CHARACTERS = 16 << 20
_OVERHEAD = 64
"""Characters that remembering a value costs beside its own."""
_LONGEST_REMEMBERED = 512


class IndicatorSet:
    """An unchanging set of values by type, remembering what it was asked. One thread at a time."""

    def __init__(self, version: int, values: Iterable[tuple[IndicatorType, str]]) -> None:
        """Take the values in; ``version`` is that of the set in the database."""
        self.version = version
        lengths: dict[bool, set[int]] = {False: set(), True: set()}
        hashes = array("q")
        self.types: frozenset[IndicatorType] = frozenset()
        for kind, value in values:
            hashes.append(hash((kind, value)))
            if kind not in self.types:
                self.types |= {kind}
            if kind is IndicatorType.IP and "/" in value:
                lengths[":" in value].add(int(value.rpartition("/")[2]))
        self._hashes = array("q", sorted(hashes))
        self._candidates = candidates_by_type(PrefixLengths(tuple(lengths[False]), tuple(lengths[True])))
        self._known: dict[IndicatorType, dict[str, tuple[str, ...]]] = {kind: {} for kind in IndicatorType}
        self._characters = 0

    def __len__(self) -> int:
        """How many values there are."""
        return len(self._hashes)

    def known(self, kind: IndicatorType) -> dict[str, tuple[str, ...]]:
        """What is remembered of the values of a type: the indicators' values that each hits."""
        return self._known[kind]

    def find(self, kind: IndicatorType, text: str) -> tuple[str, ...]:
        """The indicators' values of a type that a value of an event may hit; mostly none."""
        hit = tuple(self._hits(kind, text))
        if len(text) <= _LONGEST_REMEMBERED:
            self._known[kind][text] = hit
            self._characters += len(text) + _OVERHEAD
        return hit

    def trim(self) -> None:
        """Drop what is remembered once it has grown beyond its bound; called between batches."""
        if self._characters > _REMEMBERED_CHARACTERS:
            for known in self._known.values():
                known.clear()
            self._characters = 0

    def _hits(self, kind: IndicatorType, text: str) -> Iterator[str]:
        hashes, size = self._hashes, len(self._hashes)
        for value in self._candidates[kind](text):
            wanted = hash((kind, value))
            place = bisect_left(hashes, wanted)
            if place < size and hashes[place] == wanted:
                yield value
