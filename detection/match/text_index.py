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
        self._always: list[int] = []
        self._short_endings: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        self._tails: dict[str, list[tuple[str, int]]] = defaultdict(list)
        scanned = {}
        for number, pattern in patterns.items():
            if (literal := pattern.literal) is not None:
                self._exact[literal].append(number)
            elif (ending := pattern.ending) is not None:
                self._add_ending(ending, number)
            elif pattern.matches_everything:
                self._always.append(number)
            else:
                scanned[number] = pattern
        endings = (ending for several in self._tails.values() for ending, _ in several)
        self._longest = max([_TAIL, *map(len, chain(self._exact, endings))])
        self._looks_up = bool(self._exact or self._short_endings or self._tails)
        self._scanner = Scanner(scanned, expressions, databases, caseless=folds) if scanned or expressions else None

    @property
    def timeouts(self) -> int:
        """Searches given up because an expression took too long."""
        return self._scanner.timeouts if self._scanner else 0

    def find(self, text: str) -> list[int]:
        """The numbers of the patterns that the text fits."""
        found = [*self._always]
        is_plain = not self._folds or text.isascii()  # the scanner ignores the case of ASCII letters by itself
        if not is_plain:
            text = text.casefold()
        if self._looks_up:
            looked_up = text[-self._longest :]
            if is_plain and self._folds:
                looked_up = looked_up.casefold()
            self._look_up(looked_up, found, is_whole=len(looked_up) == len(text))
        if self._scanner is not None:
            found += self._scanner.find(text)
        return found

    def _look_up(self, text: str, found: list[int], *, is_whole: bool) -> None:
        if is_whole and text in self._exact:
            found += self._exact[text]
        for length, endings in self._short_endings.items():
            ending = text[-length:]
            if ending in endings:
                found += endings[ending]
        tail = text[-_TAIL:]
        if tail in self._tails:
            found += [number for ending, number in self._tails[tail] if text.endswith(ending)]

    def _add_ending(self, ending: str, number: int) -> None:
        if len(ending) < _TAIL:
            self._short_endings[len(ending)][ending].append(number)
        else:
            self._tails[ending[-_TAIL:]].append((ending, number))
