"""Names of persons, read closely where the one pass saw what a name may begin with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from classification.text.candidates import Match
from classification.text.codepoints import codes_of
from classification.text.foreign_names import ForeignNameFinder
from classification.text.hit import Hit
from classification.text.name_expressions import name_expressions
from classification.text.names import NameFinder
from classification.text.offsets import CharacterOffsets, Offsets

_NOWHERE = np.empty(0, np.intp)


class PersonFinder:
    """Chinese and transliterated names. It holds no state between texts, so threads may share it."""

    def __init__(self) -> None:
        self._kinds = name_expressions()
        self._names = NameFinder()
        self._foreign_names = ForeignNameFinder()

    def find(self, text: str, matches: Mapping[str, Sequence[Match]], offsets: CharacterOffsets) -> Iterator[Hit]:
        """Names in a text.

        Args:
            text: the text.
            matches: of each kind of expressions in its bytes.
            offsets: of its characters.
        """
        surnames, foreign = [_NOWHERE], [_NOWHERE]
        for name, kind in self._kinds.items():
            places = offsets.of([kind.place(start, end) for _, start, end in matches[name]])
            surnames += [places + distance for distance in kind.surnames]
            if kind.foreign is not None:
                foreign.append(places + kind.foreign)
        yield from self._in(text, np.unique(np.concatenate(surnames)), np.unique(np.concatenate(foreign)))
        if matches["dot"]:
            yield from self._foreign_names.find_dotted(text)

    def _in(self, text: str, surnames: Offsets, foreign: Offsets) -> Iterator[Hit]:
        if not len(surnames) and not len(foreign):
            return
        codes = codes_of(text)
        yield from self._names.find(text, codes, surnames[(surnames >= 0) & (surnames < len(codes))])
        yield from self._foreign_names.find(text, codes, foreign[(foreign >= 0) & (foreign < len(codes))])
