"""Foreign persons' names in Chinese text: runs of the characters that names are transliterated with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from classification.identifiers.names import load_names
from classification.identifiers.regions import load_regions
from classification.text.codepoints import Codes, flags_of, is_chinese
from classification.text.hit import Hit
from classification.text.offsets import Offsets

_SHORTEST = 3
_LONGEST = 8
_TELLING = 4
_FOLLOWING = frozenset("的在是和与为将以被对向从把给跟、，")
_DOTTED_CONFIDENCE = 0.9
_PLAIN_CONFIDENCE = 0.65
_LONGEST_CONTEXT = 5


class ForeignNameFinder:
    """Transliterated names: with a dot between their parts, or bare beside a word that goes with names."""

    def __init__(self) -> None:
        self._policy = load_names()
        self._letters = frozenset(self._policy.transliteration)
        self._flags = flags_of(self._letters)
        self._words = tuple(word for word in self._policy.after if len(word) > 1)
        letters = f"[{self._policy.transliteration}]"
        self._dotted = re.compile(f"{letters}{{1,7}}(?:[·•‧・]{letters}{{1,7}}){{1,3}}")
        self._others = re.compile("|".join(map(re.escape, [*self._policy.not_foreign, *load_regions().abroad])))

    def find(self, text: str, codes: Codes, possible: Offsets) -> Iterator[Hit]:
        """Names of one part in a text.

        Args:
            text: the text.
            codes: the same text, as numbers.
            possible: offsets in it at which a character of a name may stand, from the lowest.
        """
        for start, last in self._runs(text, possible[self._flags[codes[possible]]].tolist()):
            end = self._end(text, last)
            if self._is_name(text, start, end):
                yield Hit(start, end, "person_name", _PLAIN_CONFIDENCE)

    def find_dotted(self, text: str) -> Iterator[Hit]:
        """Names whose parts are joined by a dot."""
        for match in self._dotted.finditer(text):
            yield Hit(match.start(), match.end(), "person_name", _DOTTED_CONFIDENCE)

    def _end(self, text: str, end: int) -> int:
        """Where the name ends: its last character may begin the word that follows (温格坦言)."""
        return end - 1 if any(text.startswith(word, end - 1) for word in self._words) else end

    def _runs(self, text: str, possible: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Where the letters around each place begin and end; runs too short or too long for a name are left out."""
        end = 0
        for place in possible:
            if place >= end:
                start, end = self._run(text, place)
                if _SHORTEST <= end - start <= _LONGEST:
                    yield start, end

    def _run(self, text: str, place: int) -> tuple[int, int]:
        start = end = place
        while start > 0 and text[start - 1] in self._letters:
            start -= 1
        while end < len(text) and text[end] in self._letters:
            end += 1
        return start, end

    def _is_name(self, text: str, start: int, end: int) -> bool:
        left, right = text[max(0, start - _LONGEST_CONTEXT) : start], text[end : end + _LONGEST_CONTEXT]
        bounded = not left or not is_chinese(left[-1])
        if bounded and end - start >= _TELLING and right[:1] in _FOLLOWING:
            return not self._others.search(text, start, end)
        titled = any(left[-length:] in self._policy.before for length in range(1, len(left) + 1))
        acting = any(right[:length] in self._policy.after for length in range(1, len(right) + 1))
        return (titled or acting) and not self._others.search(text, start, end)
