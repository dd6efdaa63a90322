"""Words near a candidate: those that speak for an identifier, and those that say it is something else."""

from __future__ import annotations

import re
from functools import cache

from classification.identifiers import load_identifiers

_AFTER_SHARE = 3
_AGAINST_REACH = 20


def _words(words: list[str]) -> str:
    """Chinese words anywhere, others as whole words: ``ip`` isn't in ``recipient``."""
    return "|".join(
        rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])" if word.isascii() else re.escape(word)
        for word in sorted(words, key=len, reverse=True)
    )


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
