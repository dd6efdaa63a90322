"""Many patterns against one text at once, with Hyperscan; what it refuses goes to a time-limited engine.

Patterns are compiled to bytes of UTF-8. Letter case is ignored by folding both sides (Unicode), as everywhere in
matching, so that exact values, wildcards and every alphabet agree on what is equal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import hyperscan
import regex

from detection.match.database import Compiled, DatabaseCache
from detection.match.fallback import FallbackExpression
from detection.match.wildcards import matches
from detection.rules.expression import RegexTest
from detection.rules.pattern import DASHES, Pattern, Wildcard

_SECONDS_A_SEARCH = 0.1
_LONGEST_PATTERN = 800
_AROUND = 3
"""How many parts a text has with a wildcard on either side; most patterns that are scanned for are such."""
_MOST_TEXTS = 20_000
_MOST_EXPRESSIONS = 500
"""In one database: the time to compile expressions grows with the square of how many there are."""
_LONG_REPEAT = regex.compile(r"\{\d*,?\d{4,}\}")
_CHARACTER = rb"(?:[\x00-\x7f]|[\xc2-\xf4][\x80-\xbf]{1,3})"
_WILDCARDS = {
    Wildcard.MANY: b".*",
    Wildcard.ONE: _CHARACTER,
    Wildcard.DASH: b"(?:" + b"|".join(b"".join(b"\\x%02x" % byte for byte in dash.encode()) for dash in DASHES) + b")",
}
_ESCAPED = [bytes((byte,)) if chr(byte).isascii() and chr(byte).isalnum() else b"\\x%02x" % byte for byte in range(256)]
_TEXT_FLAGS = hyperscan.HS_FLAG_DOTALL | hyperscan.HS_FLAG_SINGLEMATCH
_REGEX_FLAGS = hyperscan.HS_FLAG_UTF8 | hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_ALLOWEMPTY
_HYPERSCAN_FLAGS = {
    "i": hyperscan.HS_FLAG_CASELESS,
    "m": hyperscan.HS_FLAG_MULTILINE,
    "s": hyperscan.HS_FLAG_DOTALL,
}


class Scanner:
    """Finds which of its numbered patterns occur in a text. Not for use by several threads at once.

    Args:
        patterns: texts with wildcards.
        expressions: regular expressions.
        databases: where compiled databases are kept.
        caseless: the case of letters does not count in the patterns, which are folded; texts of ASCII need not be.
    """

    def __init__(
        self,
        patterns: Mapping[int, Pattern],
        expressions: Mapping[int, RegexTest],
        databases: DatabaseCache,
        *,
        caseless: bool = False,
    ) -> None:
        self._databases = databases
        self._caseless = caseless
        self.timeouts = 0
        """Searches given up after a tenth of a second; each counts as not found."""
        self._confirm: dict[int, FallbackExpression] = {}
        self._search: dict[int, FallbackExpression] = {}
        self._long = {number: each for number, each in patterns.items() if _is_long(each)}
        # Within the database a place stands for a number, so that a rule added elsewhere changes no kept database.
        self._numbers = [*patterns, *expressions]
        places = {number: place for place, number in enumerate(self._numbers)}
        flags = _TEXT_FLAGS | (hyperscan.HS_FLAG_CASELESS if caseless else 0)
        short = patterns.keys() - self._long.keys() if self._long else patterns
        texts = [(places[number], _pattern_bytes(patterns[number]), flags) for number in patterns if number in short]
        tests = [(places[number], test) for number, test in expressions.items()]
        self._parts: list[hyperscan.Database] = []
        while texts or tests:
            self._add(texts[:_MOST_TEXTS], tests[:_MOST_EXPRESSIONS], patterns)
            texts, tests = texts[_MOST_TEXTS:], tests[_MOST_EXPRESSIONS:]
        self._is_helped = bool(self._confirm or self._search or self._long)

    def find(self, text: str) -> list[int]:
        """The numbers of the patterns found in the text."""
        places: list[int] = []
        if self._parts:
            data = text.encode("utf-8", "replace")
            for database in self._parts:
                database.scan(data, _note, 0, places)
        numbers = self._numbers
        found = [numbers[place] for place in places]
        return self._finish(text, found) if self._is_helped else found

    def _finish(self, text: str, found: list[int]) -> list[int]:
        """What is really there of what Hyperscan found, and what it could not look for."""
        doubtful = [number for number in found if number in self._confirm]
        wrong = {number for number in doubtful if not self._holds(self._confirm[number], text)}
        found = [number for number in found if number not in wrong]
        found += [number for number, expression in self._search.items() if self._holds(expression, text)]
        if self._long:
            compared = text.casefold() if self._caseless else text
            found += [number for number, pattern in self._long.items() if matches(pattern, compared)]
        return found

    def _add(
        self,
        texts: Sequence[Compiled],
        tests: Sequence[tuple[int, RegexTest]],
        patterns: Mapping[int, Pattern],
    ) -> None:
        """Compile some patterns and expressions together; what Hyperscan refuses of them is left to the others."""
        wholes = [(_whole(place, test), test) for place, test in tests]
        database = None
        if not any(_is_costly(test) for _, test in tests):
            database = self._databases.database([*texts, *(whole for whole, _ in wholes)])
        if database is None:
            together = self._databases.database(texts) is not None
            accepted = texts if together else [each for each in texts if self._accepts(each, patterns)]
            taken = [part for whole, test in wholes for part in self._expression(whole, test)]
            database = self._databases.database([*accepted, *taken])
        if database is not None:
            self._parts.append(database)

    def _accepts(self, compiled: Compiled, patterns: Mapping[int, Pattern]) -> bool:
        """Whether Hyperscan takes a text pattern; one that is too long for it is searched for by itself."""
        number = self._numbers[compiled[0]]
        if self._databases.database([compiled]) is not None:
            return True
        self._long[number] = patterns[number]
        return False

    def _expression(self, whole: Compiled, test: RegexTest) -> list[Compiled]:
        """What Hyperscan takes of a regular expression: all, a filter to be confirmed, or nothing."""
        number = self._numbers[whole[0]]
        if _is_costly(test):
            self._search[number] = FallbackExpression(test)
            return []
        if self._databases.database([whole]) is not None:
            return [whole]
        place, source, flags = whole
        prefilter = (place, source, flags | hyperscan.HS_FLAG_PREFILTER)
        if self._databases.database([prefilter]) is not None:
            self._confirm[number] = FallbackExpression(test)
            return [prefilter]
        self._search[number] = FallbackExpression(test)
        return []

    def _holds(self, expression: FallbackExpression, text: str) -> bool:
        try:
            return expression.finds(text, _SECONDS_A_SEARCH)
        except TimeoutError:
            self.timeouts += 1
            return False


def _note(number: int, _start: int, _end: int, _flags: int, found: Any) -> None:  # noqa: ANN401 (passed through)
    found.append(number)


def _pattern_bytes(pattern: Pattern) -> bytes:
    parts = pattern.parts
    if len(parts) == _AROUND and parts[0] is parts[2] is Wildcard.MANY and isinstance(parts[1], str):
        return _escaped(parts[1])
    head = b"" if parts and parts[0] is Wildcard.MANY else b"^"
    tail = b"" if parts and parts[-1] is Wildcard.MANY else rb"\z"
    inner = parts[not head : len(parts) - (not tail)]
    spelled = [_WILDCARDS[part] if isinstance(part, Wildcard) else _escaped(part) for part in inner]
    return b"".join([head, *spelled, tail])


def _is_long(pattern: Pattern) -> bool:
    """Whether Hyperscan would take too long to compile the pattern."""
    return sum([len(part) for part in pattern.parts if part.__class__ is str]) > _LONGEST_PATTERN


def _is_costly(test: RegexTest) -> bool:
    """Whether Hyperscan would take too long to compile the expression: very long, or with a very long repeat."""
    return len(test.expression) > _LONGEST_PATTERN or _LONG_REPEAT.search(test.expression) is not None


def _escaped(text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    return data if data.isalnum() else b"".join(map(_ESCAPED.__getitem__, data))


def _whole(place: int, test: RegexTest) -> Compiled:
    flags = _REGEX_FLAGS | sum(_HYPERSCAN_FLAGS[flag] for flag in test.flags)
    return place, test.expression.encode("utf-8", "replace"), flags
