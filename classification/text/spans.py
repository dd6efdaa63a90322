"""Hits that claim the same characters: one is kept, in one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from classification.text.hit import Hit


def without_overlaps(hits: Iterable[Hit], precedence: Callable[[str], int]) -> list[Hit]:
    """The hits in their order, none over another.

    Of two that overlap the longer is kept; of equally long ones the surer, then the one earlier in precedence.
    """
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (h.start, -h.end)):
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
        elif _rank(hit, precedence) > _rank(kept[-1], precedence):
            kept[-1] = hit
    return kept


def _rank(hit: Hit, precedence: Callable[[str], int]) -> tuple[int, float, int]:
    return hit.end - hit.start, hit.confidence, -precedence(hit.category)
