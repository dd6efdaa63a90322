"""All tests of one field against one value, each distinct value once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from detection.compile import Hits
from detection.match.converted_values import ConvertedValues
from detection.match.database import DatabaseCache
from detection.match.hit_table import HitTable
from detection.match.networks import NetworkIndex
from detection.match.text import at_time, compares, folded, text_of
from detection.match.text_index import TextIndex
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
from events import Scalar, Value
from events.outline import Convert

_LONGEST_REMEMBERED = 2048
_OVERHEAD_CHARACTERS = 100


class KnownValues(dict[Scalar, int]):
    """``known[value]`` is the number of the set of predicates that hold for a value; texts are remembered.

    Only texts are keys, so that 1, 1.0 and true, which are equal to Python, are never taken for one another.
    """

    def __init__(self, find: Callable[[Scalar], int]) -> None:
        self._find = find

    def __missing__(self, value: Scalar) -> int:
        """Match a value that is not remembered."""
        return self._find(value)


class FieldMatcher:
    """Matches values of one field; ``known`` remembers texts seen before."""

    def __init__(self, tests: Mapping[int, Test], hits: HitTable, databases: DatabaseCache) -> None:
        self.known = KnownValues(self._of_scalar)
        self.remembered_characters = 0
        self._converted: dict[tuple[Convert, bool], ConvertedValues] = {}
        self._null = frozenset(number for number, test in tests.items() if isinstance(test, NullTest))
        self._hits = hits
        self._exists = frozenset(number for number, test in tests.items() if isinstance(test, ExistsTest))
        texts = {number: test for number, test in tests.items() if isinstance(test, TextTest)}
        cased = {number: test.pattern for number, test in texts.items() if test.cased}
        expressions = {number: test for number, test in tests.items() if isinstance(test, RegexTest)}
        uncased = {number: folded(test.pattern) for number, test in texts.items() if not test.cased}
        self._folded = TextIndex(uncased, {}, databases, folds=True)
        self._cased = TextIndex(cased, expressions, databases) if cased or expressions else None
        networks = {number: test for number, test in tests.items() if isinstance(test, CidrTest)}
        self._networks = NetworkIndex(networks) if networks else None
        self._others = [(number, check) for number, test in tests.items() if (check := _check(test)) is not None]

    @property
    def timeouts(self) -> int:
        """Searches given up because an expression took too long."""
        return self._folded.timeouts + (self._cased.timeouts if self._cased else 0)

    def of(self, value: Value) -> int:
        """The number of the set of predicates that hold for a field's value; for a list, those of any element."""
        if isinstance(value, list):
            return self._hits.number(self._hits.union([self.known[element] for element in value or [None]]))
        return self.known[value]

    def absent(self) -> int:
        """The number of the set of predicates that hold where the field is absent."""
        return self._hits.number(self._null)

    def satisfied(self, value: Value) -> Hits:
        """The predicates that hold for a field's value."""
        return self._hits.sets[self.of(value)]

    def converted(self, convert: Convert, *, is_last: bool) -> ConvertedValues:
        """What is remembered of values that ``convert`` gives the field's value for."""
        return self._converted.setdefault((convert, is_last), ConvertedValues(self, convert, is_last=is_last))

    def remembers(self, value: Scalar) -> bool:
        """Whether a value is to be remembered; counts it."""
        length = len(value) if isinstance(value, str) else 0
        if length > _LONGEST_REMEMBERED:
            return False
        self.remembered_characters += length + _OVERHEAD_CHARACTERS
        return True

    def matching(self, text: str) -> Hits:
        """The predicates that hold for a text; not remembered."""
        found = self._folded.find(text)
        found += self._exists
        if self._cased:
            found += self._cased.find(text)
        if self._networks:
            found += self._networks.find(text)
        if self._others:
            found += [number for number, check in self._others if check(text)]
        return frozenset(found)

    def forget(self) -> None:
        """Drop every value remembered."""
        for values in (self.known, *self._converted.values()):
            values.clear()
        self.remembered_characters = 0

    def forget_conversions(self) -> None:
        """Drop what is remembered of converted values, and their conversions with it."""
        self._converted.clear()

    def _of_scalar(self, value: Scalar) -> int:
        if isinstance(value, str):
            number = self._hits.number(self.matching(value))
            if self.remembers(value):
                self.known[value] = number
            return number
        return self._hits.number(self._null | self._exists) if value is None else self.known[text_of(value)]


def _check(test: Test) -> Callable[[str], bool] | None:
    if isinstance(test, CompareTest):
        return partial(compares, test)
    return partial(at_time, test) if isinstance(test, TimeTest) else None
