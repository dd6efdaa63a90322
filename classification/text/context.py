"""Words near a candidate: those that speak for an identifier, and those that say it is something else."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from functools import cache

from classification.identifiers import load_identifiers

_AFTER_SHARE = 3
_MOST_BYTES = 4
_AGAINST_REACH = 20


def _words(words: list[str]) -> str:
    """Chinese words anywhere, others as whole words: ``ip`` isn't in ``recipient``."""
    return "|".join(
        rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])" if word.isascii() else re.escape(word)
        for word in sorted(words, key=len, reverse=True)
    )


def context_expressions() -> tuple[bytes, ...]:
    """Every context word as an expression over UTF-8 bytes, for the one pass over a text."""
    words = {word for identifier in load_identifiers().identifiers.values() for word in identifier.context}
    return tuple(
        f"(?i)(?:^|[^0-9A-Za-z]){re.escape(word)}(?:[^0-9A-Za-z]|$)".encode() if word.isascii() else word.encode()
        for word in sorted(words)
    )


class NearWords:
    """Where a text has context words at all, so that what needs one is read closely only near them.

    Args:
        ends: offsets in bytes right behind each word.
    """

    def __init__(self, ends: Iterable[int]) -> None:
        self._ends = sorted(ends)
        self._reach = load_identifiers().context_reach * _MOST_BYTES

    def near(self, start: int, end: int) -> bool:
        """Whether a word ends near enough to what lies between two offsets in bytes."""
        place = bisect_left(self._ends, start - self._reach)
        return place < len(self._ends) and self._ends[place] <= end + self._reach // _AFTER_SHARE + 1


@cache
def _speaking_for(category: str) -> re.Pattern[str] | None:
    words = load_identifiers().identifiers[category].context
    return re.compile(_words(words), re.IGNORECASE) if words else None


@cache
def _speaking_against(category: str) -> re.Pattern[str] | None:
    words = load_identifiers().identifiers[category].against
    return (
        re.compile(rf"(?:{_words(words)})(?:号|是|为|id|no)?[\s\"'=:：#.（(\[-]{{0,4}}$", re.IGNORECASE)
        if words
        else None
    )


def has_context(category: str, text: str, start: int, end: int) -> bool:
    """Whether a word that goes with the category stands near."""
    pattern, reach = _speaking_for(category), load_identifiers().context_reach
    if pattern is None:
        return False
    return bool(
        pattern.search(text[max(0, start - reach) : start]) or pattern.search(text[end : end + reach // _AFTER_SHARE])
    )


def is_something_else(category: str, text: str, start: int) -> bool:
    """Whether the word right before says that it is something else, such as the number of an order."""
    pattern = _speaking_against(category)
    return pattern is not None and pattern.search(text[max(0, start - _AGAINST_REACH) : start]) is not None
