"""Where in a text a name may stand: possible places weighed at once, so that only likely ones are read closely."""

from __future__ import annotations

import numpy as np

from classification.identifiers.names import NamePolicy
from classification.text.codepoints import Codes, Flags, Pairs, Table, flags_of, table_of
from classification.text.offsets import Offsets

_NO_SURNAME = -100.0
_MARGIN = 3
"""Places behind the end that the arrays reach, so that every place has characters after it."""


class NamePlaces:
    """Bounds, for each place of a text, the score that a name there could reach."""

    def __init__(self, policy: NamePolicy) -> None:
        self._policy = policy
        self._surnames = table_of(policy.surname_scores, _NO_SURNAME)
        self._given = table_of(policy.given_scores, policy.scores["other"])
        self._before = Pairs(word[-2:] for word in policy.before)
        self._after = Pairs(word[:2] for word in policy.after)
        self._honorifics = Pairs(word[:2] for word in policy.honorifics)
        self._words = Pairs(policy.words)
        self._compounds = Pairs(policy.surnames.compound)
        self._compound_first = flags_of(compound[0] for compound in policy.surnames.compound)
        self._first = flags_of([*policy.surname_scores, *(compound[0] for compound in policy.surnames.compound)])
        self._most_around = max(policy.scores["label"], policy.scores["after"]) + policy.scores["after"]
        self._listing = flags_of("、和与及")
        self._label_ends = flags_of(":： \t")

    def find(self, codes: Codes, possible: Offsets) -> list[int]:
        """Offsets at which reading closely may give a name.

        Args:
            codes: the text.
            possible: offsets in it that are weighed, from the lowest.
        """
        places = possible[self._first[codes[possible]]]
        if not len(places):
            return []
        padded = np.concatenate(([np.uint16(0)] * 2, codes, [np.uint16(0)] * (_MARGIN + 2)))
        surname = self._surnames[codes[places]]
        is_single = surname + self._best_given(padded, places + 2) >= self._policy.threshold - self._most_around
        is_single |= self._honorifics.holds(padded[places + 3], padded[places + 4], single=padded[places + 3])
        kept = places[is_single][self._may_be_name(padded, places[is_single] + 2, surname[is_single])]
        compound = places[self._compound_first[codes[places]]]
        follows = padded[compound + 3]
        compound = compound[self._compounds.holds(codes[compound], follows, single=follows)]
        return [int(place) for place in np.union1d(kept, compound)]

    def _best_given(self, codes: Codes, at: np.ndarray) -> Table:
        rest = np.maximum(self._given[codes[at + 2]], self._policy.scores["two_characters"])
        return np.asarray(self._given[codes[at + 1]] + rest, dtype=np.float32)

    def _may_be_name(self, codes: Codes, at: np.ndarray, surname: Table) -> Flags:
        scores, threshold = self._policy.scores, self._policy.threshold
        last, first, second, third = codes[at - 1], codes[at + 1], codes[at + 2], codes[at + 3]
        titled = self._before.holds(codes[at - 2], last, single=last)
        before = np.where(titled, scores["before"], scores["edge"])
        before = np.where(self._listing[last] & ~titled, scores["listed"], before)
        before = np.where(self._label_ends[last], scores["label"], before)
        base = surname + before + self._given[first]
        base = base + scores["word"] * self._words.holds(codes[at], first, single=first)
        two = base + scores["two_characters"] + self._behind(second, third)
        three = base + self._given[second] + self._behind(third, codes[at + 4])
        polite = self._honorifics.holds(first, second, single=first)
        return np.asarray(polite | (two >= threshold) | (three >= threshold), dtype=np.bool_)

    def _behind(self, first: Codes, second: Codes) -> Table:
        scores = self._policy.scores
        acting = self._after.holds(first, second, single=first)
        return np.where(acting, scores["after"], scores["edge"]).astype(np.float32)
