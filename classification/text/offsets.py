"""From offsets in UTF-8 bytes to offsets in characters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def character_offsets(data: bytes, places: Iterable[int]) -> Mapping[int, int]:
    """For each offset in bytes, which has to lie between two characters, the offset in characters."""
    found: dict[int, int] = {}
    last, characters = 0, 0
    for place in sorted(set(places)):
        characters += len(data[last:place].decode("utf-8", "surrogatepass"))
        found[place] = characters
        last = place
    return found
