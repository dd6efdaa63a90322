"""Single values that identify somebody: told by their shape and strictest check, without a pass over running text."""

from __future__ import annotations

import re
from functools import cache

from classification.identifiers import Identifier, load_identifiers
from classification.identifiers.checks import CHECKS, Check
from classification.masking import Scanner, TextHit

_SECRET = "secret_key"  # noqa: S105 (the name of a category)
_WORD = re.compile(r"[^0-9a-z\u4e00-\u9fff]+")
_MAY_IDENTIFY = re.compile(r"\d{4}|@")
_LONGEST = 64


class PersonalScanner:
    """A scanner that passes by what identifies no person and is no secret, such as addresses of machines."""

    def __init__(self, scanner: Scanner) -> None:
        """Take the scanner of all identifiers."""
        self._scanner = scanner

    def find(self, text: str) -> list[TextHit]:
        """The hits that tell of people or are secrets."""
        return [hit for hit in self._scanner.find(text) if hit.category in hidden_categories()]


@cache
def hidden_categories() -> frozenset[str]:
    """The identifiers that are hidden in what is kept of a flow."""
    return frozenset(name for name, each in load_identifiers().identifiers.items() if each.personal) | {_SECRET}


def category_of_value(value: str) -> str | None:
    """What a value is as a whole, by the identifiers that need no word beside them; None for any other value."""
    if len(value) > _LONGEST or not _MAY_IDENTIFY.search(value):
        return None
    return next((name for name, shape, check in _whole() if shape.fullmatch(value) and check(value)), None)


def category_of_name(name: str) -> str | None:
    """What a parameter of a name holds, by the names that columns of personal identifiers have."""
    return _names().get(_WORD.sub("", name.lower()))


@cache
def _whole() -> tuple[tuple[str, re.Pattern[str], Check], ...]:
    return tuple(
        (name, re.compile(pattern.shape), CHECKS[pattern.check])
        for name, each in _hidden()
        for pattern in each.patterns
        if pattern.alone and "value" not in re.compile(pattern.shape).groupindex
    )


@cache
def _names() -> dict[str, str]:
    found: dict[str, str] = {}
    for name, each in _hidden():
        for word in each.columns.names:
            found.setdefault(_WORD.sub("", word.lower()), name)
    return found


def _hidden() -> list[tuple[str, Identifier]]:
    return [(name, each) for name, each in load_identifiers().identifiers.items() if name in hidden_categories()]
