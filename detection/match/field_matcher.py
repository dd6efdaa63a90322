"""All tests of one field against one value, each distinct value once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import partial

from detection.compile import Hits
from detection.match.scanner import Scanner
from detection.match.text import at_time, compares, in_network, text_of
from detection.rules.expression import (
    CidrTest,
    CompareTest,
    ExistsTest,
    NullTest,
    RegexTest,
    Test,
    TextTest,
    TimeTest,
)
from detection.rules.pattern import Pattern
from events import Scalar, Value

_LONGEST_REMEMBERED = 2048


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

    def forget(self) -> None:
        """Drop every number given so far."""
        self.sets[:] = [frozenset()]
        self._numbers = {frozenset(): 0}


class FieldMatcher:
    """Matches values of one field; ``known`` remembers texts seen before."""

    def __init__(self, tests: Mapping[int, Test], hits: HitTable) -> None:
        self.known: dict[str, int] = {}
        self.remembered_characters = 0
        self.null = frozenset(number for number, test in tests.items() if isinstance(test, NullTest))
        self._hits = hits
        self._exists = frozenset(number for number, test in tests.items() if isinstance(test, ExistsTest))
        texts = {number: test for number, test in tests.items() if isinstance(test, TextTest)}
        self._folded = _Texts({n: _folded(test.pattern) for n, test in texts.items() if not test.cased}, {})
        self._cased = _Texts(
            {number: test.pattern for number, test in texts.items() if test.cased},
            {number: test for number, test in tests.items() if isinstance(test, RegexTest)},
        )
        self._others = [(number, check) for number, test in tests.items() if (check := _check(test)) is not None]

    @property
    def timeouts(self) -> int:
        """Searches given up because an expression took too long."""
        return self._folded.timeouts + self._cased.timeouts

    def find(self, text: str) -> int:
        """The number of the set of predicates that hold for a text; remembered unless the text is long."""
        number = self._hits.number(self._matching(text))
        if len(text) <= _LONGEST_REMEMBERED:
            self.known[text] = number
            self.remembered_characters += len(text) + 100
        return number

    def of(self, value: Value) -> int:
        """The number of the set of predicates that hold for a field's value; for a list, those of any element."""
        if isinstance(value, list) and value:
            found: set[int] = set()
            for element in value:
                found |= self._hits.sets[self._of_scalar(element)]
            return self._hits.number(found)
        return self._of_scalar(None if isinstance(value, list) else value)

    def _of_scalar(self, value: Scalar) -> int:
        if value is None:
            return self._hits.number(self.null | self._exists)
        text = text_of(value)
        known = self.known.get(text)
        return self.find(text) if known is None else known

    def _matching(self, text: str) -> set[int]:
        found = set(self._exists)
        self._folded.add(text.casefold(), found)
        self._cased.add(text, found)
        found.update(number for number, check in self._others if check(text))
        return found


class _Texts:
    """Text patterns and regular expressions over one spelling of a value (case-folded, or as it is).

    Endings are looked up by their length, since Hyperscan takes a second to compile a thousand of them.
    """

    def __init__(self, patterns: Mapping[int, Pattern], expressions: Mapping[int, RegexTest]) -> None:
        self._exact: dict[str, list[int]] = defaultdict(list)
        self._always = [number for number, pattern in patterns.items() if pattern.matches_everything]
        self._endings: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        scanned = {}
        for number, pattern in patterns.items():
            if pattern.literal is not None:
                self._exact[pattern.literal].append(number)
            elif pattern.ending is not None:
                self._endings[len(pattern.ending)][pattern.ending].append(number)
            elif not pattern.matches_everything:
                scanned[number] = pattern
        self._scanner = Scanner(scanned, expressions) if scanned or expressions else None

    @property
    def timeouts(self) -> int:
        return self._scanner.timeouts if self._scanner else 0

    def add(self, text: str, found: set[int]) -> None:
        found.update(self._always)
        if text in self._exact:
            found.update(self._exact[text])
        for length, endings in self._endings.items():
            ending = text[-length:]
            if ending in endings:
                found.update(endings[ending])
        if self._scanner is not None:
            found.update(self._scanner.find(text))


def _folded(pattern: Pattern) -> Pattern:
    return Pattern(tuple(part.casefold() if isinstance(part, str) else part for part in pattern.parts))


def _check(test: Test) -> Callable[[str], bool] | None:
    if isinstance(test, CidrTest):
        return partial(in_network, test)
    if isinstance(test, CompareTest):
        return partial(compares, test)
    return partial(at_time, test) if isinstance(test, TimeTest) else None
