"""The pieces of time in which a combination was seen, and whether it is new in one."""

from __future__ import annotations

from bisect import bisect_right, insort

from detection.first_seen.models import SeenCombination

SETTLING = 2
"""A piece and the one before it may still be filled by events that arrive late."""
_KEPT = 4


def see(seen: SeenCombination, piece: int) -> None:
    """Note that the combination was seen in a piece of time."""
    nothing_between = seen.first == seen.recent[0]
    if piece >= seen.recent[0] or nothing_between:
        at = bisect_right(seen.recent, piece)
        if at == 0 or seen.recent[at - 1] != piece:
            recent = list(seen.recent)
            insort(recent, piece)
            seen.recent = recent
    seen.first = min(seen.first, piece)
    seen.latest = max(seen.latest, piece)


def is_new(seen: SeenCombination, piece: int, history: int) -> bool:
    """Whether nothing was seen in the ``history`` pieces before this one, save what may still be settling."""
    settled = piece - SETTLING
    at = bisect_right(seen.recent, settled)
    if at:
        return seen.recent[at - 1] < piece - history
    return seen.first > settled


def shorten(seen: SeenCombination) -> None:
    """Keep only what later events may ask for: the pieces near the latest, and the one before them."""
    at = bisect_right(seen.recent, seen.latest - _KEPT)
    if at > 1:
        seen.recent = seen.recent[at - 1 :]
