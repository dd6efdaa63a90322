"""The text patterns and regular expressions of one field, over one spelling of its values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import chain

from detection.match.database import DatabaseCache
from detection.match.scanner import Scanner
from detection.rules.expression import RegexTest
from detection.rules.pattern import Pattern

_TAIL = 6
"""Endings at least this long are looked up by so many last characters; few share them."""


class TextIndex:
    """Finds the patterns that a text fits: exact values and endings by look-up, all else with Hyperscan.

    Endings are looked up since Hyperscan takes a second to compile a thousand of them.

    Args:
        patterns, expressions: by number; the patterns of an index that folds are folded.
        databases: where compiled databases are kept.
        folds: letter case does not count.
    """

    def __init__(
        self,
        patterns: Mapping[int, Pattern],
        expressions: Mapping[int, RegexTest],
        databases: DatabaseCache,
        *,
        folds: bool = False,
    ) -> None:
        self._folds = folds
        self._exact: dict[str, list[int]] = defaultdict(list)
        self._always = frozenset([number for number, pattern in patterns.items() if pattern.matches_everything])
        self._short_endings: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        self._tails: dict[str, list[tuple[str, int]]] = defaultdict(list)
        scanned = {}
        for number, pattern in patterns.items():
            if pattern.literal is not None:
                self._exact[pattern.literal].append(number)
            elif pattern.ending is not None:
                self._add_ending(pattern.ending, number)
            elif number not in self._always:
                scanned[number] = pattern
        endings = (ending for several in self._tails.values() for ending, _ in several)
        self._longest = max([_TAIL, *map(len, chain(self._exact, endings))])
        self._scanner = Scanner(scanned, expressions, databases, caseless=folds) if scanned or expressions else None

    @property
    def timeouts(self) -> int:
        """Searches given up because an expression took too long."""
        return self._scanner.timeouts if self._scanner else 0

    def add(self, text: str, found: set[int]) -> None:
        """Add the numbers of the patterns that the text fits."""
        found |= self._always
        looked_up = text
        if self._folds and text.isascii():  # the scanner ignores the case of ASCII letters: long texts stay as they are
            looked_up = text[-self._longest :].casefold()
        elif self._folds:
            looked_up = text = text.casefold()
        self._look_up(looked_up, found, is_whole=len(looked_up) == len(text))
        if self._scanner is not None:
            found.update(self._scanner.find(text))

    def _look_up(self, text: str, found: set[int], *, is_whole: bool) -> None:
        if is_whole and text in self._exact:
            found.update(self._exact[text])
        for length, endings in self._short_endings.items():
            ending = text[-length:]
            if ending in endings:
                found.update(endings[ending])
        tail = text[-_TAIL:]
        if tail in self._tails:
            found.update([number for ending, number in self._tails[tail] if text.endswith(ending)])

    def _add_ending(self, ending: str, number: int) -> None:
        if len(ending) < _TAIL:
            self._short_endings[len(ending)][ending].append(number)
        else:
            self._tails[ending[-_TAIL:]].append((ending, number))
