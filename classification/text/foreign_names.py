"""Foreign persons' names in Chinese text: runs of the characters that names are transliterated with."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from classification.identifiers.names import load_names
from classification.identifiers.regions import load_regions
from classification.text.codepoints import Codes, codes_of, is_chinese, table_of
from classification.text.hit import Hit

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
        self._letters = table_of(dict.fromkeys(self._policy.transliteration, 1.0), 0.0).astype(bool)
        self._words = tuple(word for word in self._policy.after if len(word) > 1)
        letters = f"[{self._policy.transliteration}]"
        self._dotted = re.compile(f"{letters}{{1,7}}(?:[·•‧・]{letters}{{1,7}}){{1,3}}")
        self._others = re.compile("|".join(map(re.escape, [*self._policy.not_foreign, *load_regions().abroad])))

    def find(self, text: str, codes: Codes | None = None) -> Iterator[Hit]:
        """Names in a text."""
        if any(dot in text for dot in "·•‧・"):
            for match in self._dotted.finditer(text):
                yield Hit(match.start(), match.end(), "person_name", _DOTTED_CONFIDENCE)
        codes = codes_of(text) if codes is None else codes
        for start, last in self._runs(codes):
            end = self._end(text, last)
            if self._is_name(text, start, end):
                yield Hit(start, end, "person_name", _PLAIN_CONFIDENCE)

    def _end(self, text: str, end: int) -> int:
        """Where the name ends: its last character may begin the word that follows (温格坦言)."""
        return end - 1 if any(text.startswith(word, end - 1) for word in self._words) else end

    def _runs(self, codes: Codes) -> Iterator[tuple[int, int]]:
        padded = np.concatenate(([False], self._letters[codes], [False]))
        edges = np.flatnonzero(padded[1:] != padded[:-1])
        starts, ends = edges[::2], edges[1::2]
        long = (ends - starts >= _SHORTEST) & (ends - starts <= _LONGEST)
        yield from zip(starts[long].tolist(), ends[long].tolist(), strict=True)

    def _is_name(self, text: str, start: int, end: int) -> bool:
        left, right = text[max(0, start - _LONGEST_CONTEXT) : start], text[end : end + _LONGEST_CONTEXT]
        bounded = not left or not is_chinese(left[-1])
        if bounded and end - start >= _TELLING and right[:1] in _FOLLOWING:
            return not self._others.search(text, start, end)
        titled = any(left[-length:] in self._policy.before for length in range(1, len(left) + 1))
        acting = any(right[:length] in self._policy.after for length in range(1, len(right) + 1))
        return (titled or acting) and not self._others.search(text, start, end)
