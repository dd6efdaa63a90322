"""What a column's name or comment says: words of the identifiers, in Chinese, English and pinyin initials."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from classification.identifiers import load_identifiers

_TOKEN = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+[0-9]*|[A-Z]+[0-9]*|[0-9]+")
_PARTIAL = 0.85
_NAMES_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Saying:
    """What a name says of one category: that it is it, that it may be, or that it is something else."""

    kind: Literal["name", "hint", "other"]
    word: str
    share: float


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    names: tuple[str, ...]
    hints: tuple[str, ...]
    other: tuple[str, ...]


@cache
def _vocabularies() -> dict[str, _Vocabulary]:
    return {
        category: _Vocabulary(
            tuple(identifier.columns.names),
            tuple(identifier.columns.hints),
            (*identifier.columns.other, *identifier.against),
        )
        for category, identifier in load_identifiers().identifiers.items()
    }


def tokens(name: str) -> str:
    """The words of a name in lower case, each between blanks: ``userIdCard_no`` is `` user id card no ``."""
    words = _TOKEN.findall(name.replace("'", ""))
    bare = [word.rstrip("0123456789") or word for word in words]
    return f" {' '.join(words).lower()} | {' '.join(bare).lower()} "


def _longest(words: Iterable[str], name: str, spaced: str) -> str:
    found = [word for word in words if (f" {word} " in spaced if word.isascii() else word in name)]
    return max(found, key=len, default="")


@lru_cache(maxsize=_NAMES_KEPT)
def sayings(name: str) -> dict[str, Saying]:
    """What a name says, by category; a category that it says nothing of is missing."""
    spaced, found = tokens(name), {}
    for category, vocabulary in _vocabularies().items():
        other = _longest(vocabulary.other, name.lower(), spaced)
        said = _longest(vocabulary.names, name.lower(), spaced)
        hint = _longest(vocabulary.hints, name.lower(), spaced)
        if other and other not in said:
            found[category] = Saying("other", other, 1.0)
        elif said:
            whole = said.replace(" ", "") == re.sub(r"[\W_0-9]", "", name.lower())
            found[category] = Saying("name", said, 1.0 if whole else _PARTIAL)
        elif hint:
            found[category] = Saying("hint", hint, 1.0)
    return found
