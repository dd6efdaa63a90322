"""Chinese personal names in running text: a surname, what a given name is written with, and the words around."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from classification.identifiers.names import load_names
from classification.text.codepoints import Codes, is_chinese
from classification.text.hit import Hit
from classification.text.name_places import NamePlaces
from classification.text.offsets import Offsets

_LONGEST_CONTEXT = 5
_JOINING = frozenset("由对向被和与及让请给跟同随为从找是")
_FOLLOWING = frozenset("的在是和与及为将以被对向于从把给同跟等")
_SHORTEST_REPEATED = 3
_MOST_REPEATED = 20
_LISTING = frozenset("、和与及")
_CATEGORY = "person_name"


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read a name at some place, with its log-odds."""

    start: int
    end: int
    score: float


class NameFinder:
    """Names of Chinese persons. It holds no state between texts, so threads may share it."""

    def __init__(self) -> None:
        self._policy = load_names()
        self._places = NamePlaces(self._policy)
        self._places_after = tuple(self._policy.places)

    def find(self, text: str, codes: Codes, possible: Offsets) -> Iterator[Hit]:
        """Names in a text, in their order; a name once sure is found again wherever it stands.

        Args:
            text: the text.
            codes: the same text, as numbers.
            possible: offsets in it at which a name may begin, from the lowest.
        """
        readings = self._readings(text, self._places.find(codes, possible))
        found = [self._hit(reading) for reading in readings]
        yield from found
        yield from self._repeated(text, codes, readings)

    def _readings(self, text: str, places: Iterable[int]) -> list[_Reading]:
        readings: list[_Reading] = []
        end = 0
        for start in places:
            if start < end:
                continue
            listed = bool(readings) and start == end + 1 and text[end] in _LISTING
            reading = self._best(text, start, listed=listed)
            if reading is not None:
                readings.append(reading)
                end = reading.end
        return readings

    def _best(self, text: str, start: int, *, listed: bool) -> _Reading | None:
        surname = self._policy.surname_of(text[start : start + 2])
        before = max(self._before(text, start), self._policy.scores["listed"] * listed)
        readings = [self._polite(text, start, surname)]
        for length in range(len(surname) + 1, len(surname) + 3):
            name = text[start : start + length]
            if len(name) == length and all(map(is_chinese, name)):
                score = self._policy.score(name) + before + self._after(text, start + length)
                readings.append(_Reading(start, start + length, score))
        best = max((reading for reading in readings if reading), key=lambda r: (r.score, r.end), default=None)
        return best if best and best.score >= self._policy.threshold else None

    def _polite(self, text: str, start: int, surname: str) -> _Reading | None:
        """A surname with a form of address: 王女士, 李某某."""
        scores = self._policy.scores
        after = start + len(surname)
        for honorific in self._policy.honorifics:
            if text.startswith(honorific, after):
                known = scores["compound"] if len(surname) > 1 else self._policy.surname_scores[surname]
                return _Reading(start, after + len(honorific), known + scores["after"] + self._before(text, start))
        return None

    def _before(self, text: str, start: int) -> float:
        scores = self._policy.scores
        left = text[max(0, start - _LONGEST_CONTEXT) : start]
        if text[max(0, start - 1) : start + 1] in self._policy.endings:
            return scores["word"]
        bare = left.rstrip(":： \t")
        if len(bare) < len(left) and any(bare.endswith(label) for label in self._policy.labels):
            return scores["label"]
        if any(left[-length:] in self._policy.before for length in range(1, len(left) + 1)):
            return scores["before"]
        return scores["edge"] if not left or not is_chinese(left[-1]) or left[-1] in _JOINING else scores["inside"]

    def _after(self, text: str, end: int) -> float:
        scores = self._policy.scores
        right = text[end : end + _LONGEST_CONTEXT]
        if right.startswith(self._places_after):
            return scores["word"]
        if any(right[:length] in self._policy.after for length in range(1, len(right) + 1)):
            return scores["after"]
        return scores["edge"] if not right or not is_chinese(right[0]) or right[0] in _FOLLOWING else scores["inside"]

    def _hit(self, reading: _Reading) -> Hit:
        odds = min(reading.score - self._policy.threshold + 0.5, 4.0)
        return Hit(reading.start, reading.end, _CATEGORY, round(1 / (1 + math.exp(-odds)), 3))

    def _repeated(self, text: str, codes: Codes, readings: list[_Reading]) -> Iterator[Hit]:
        taken = {reading.start for reading in readings}
        names = {text[r.start : r.end]: r for r in readings if r.end - r.start >= _SHORTEST_REPEATED}
        for name, reading in list(names.items())[:_MOST_REPEATED]:
            first = np.flatnonzero(codes[:-1] == ord(name[0]))
            for place in first[codes[first + 1] == ord(name[1])].tolist():
                if place not in taken and text.startswith(name, place):
                    yield self._hit(_Reading(place, place + len(name), reading.score))
