"""A text as an array of code points, and tables to look every character up at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint16]
Table = NDArray[np.float32]
Flags = NDArray[np.bool_]
_PLANE = 0x10000
_LAST = _PLANE - 1


def codes_of(text: str) -> Codes:
    """One number a character; whatever lies beyond the basic plane shares its last number."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    return np.minimum(points, _LAST).astype(np.uint16)


def table_of(values: Mapping[str, float], other: float) -> Table:
    """A value for every character of the basic plane."""
    table = np.full(_PLANE, other, dtype=np.float32)
    for character, value in values.items():
        table[ord(character)] = value
    return table


def flags_of(characters: Iterable[str]) -> Flags:
    """Whether each character of the basic plane is one of these."""
    table = np.zeros(_PLANE, dtype=np.bool_)
    for character in characters:
        table[ord(character)] = True
    return table


def is_chinese(character: str) -> bool:
    """Whether a character is a unified ideograph of the basic block."""
    return "一" <= character <= "鿿"


class Pairs:
    """A set of pairs of characters, asked about many at once; a single character stands for all its pairs."""

    def __init__(self, pairs: Iterable[str]) -> None:
        words = set(pairs)
        self._single = flags_of(word for word in words if len(word) == 1)
        doubles = sorted(ord(word[0]) << 16 | ord(word[1]) for word in words if len(word) > 1)
        self._keys = np.array([*doubles, 0xFFFFFFFF], dtype=np.uint32)
        # Most pairs are told to be none by one look; the few left are searched for.
        self._possible = np.zeros(_PLANE, dtype=np.bool_)
        self._possible[_mixed(self._keys)] = True

    def holds(self, first: Codes, second: Codes, *, single: Codes) -> Flags:
        """Whether each pair is in the set, or its character in ``single`` (one of the two) is by itself."""
        keys = first.astype(np.uint32) << np.uint32(16) | second
        found = self._possible[_mixed(keys)]
        places = np.flatnonzero(found)
        likely = keys[places]
        found[places] = self._keys[np.searchsorted(self._keys, likely)] == likely
        return found | self._single[single]


def _mixed(keys: NDArray[np.uint32]) -> NDArray[np.uint16]:
    """Sixteen bits of each pair."""
    return (keys >> np.uint32(16) ^ keys * np.uint32(0x9E3B)).astype(np.uint16)
