"""From offsets in UTF-8 bytes to offsets in characters."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Offsets = NDArray[np.intp]
_FIRST_BYTES = -0x40  # as signed numbers, the bytes that continue a character are below this


class CharacterOffsets:
    """Offsets in a text for those in its bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @cached_property
    def _starts(self) -> Offsets:
        return np.flatnonzero(np.frombuffer(self._data, dtype=np.int8) >= _FIRST_BYTES)

    def of(self, places: Sequence[int]) -> Offsets:
        """For each offset in bytes, which has to lie between two characters, the offset in characters."""
        return np.searchsorted(self._starts, np.array(places, dtype=np.intp)) if places else np.empty(0, np.intp)
