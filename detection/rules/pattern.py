"""Sigma strings: literal text with wildcards, read with Sigma's own escaping.

Sigma rules specification 2.1, "Wildcards" and "Escaping".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import product
from typing import TypeAlias


class Wildcard(Enum):
    """What stands for more than itself in a pattern."""

    MANY = "*"  # any run of characters, also none
    ONE = "?"  # exactly one character
    DASH = "-"  # any of the dashes that Windows command lines take for one another

    __hash__ = object.__hash__  # there is one of each; what Enum has of its own is slow


DASHES = "-/–—―"
"""Hyphen, slash, en dash, em dash, horizontal bar: what ``windash`` lets stand for one another."""

Part: TypeAlias = str | Wildcard

_SPECIAL = re.compile(r"\\[\\*?]|[*?]")
_OPTION_DASH = re.compile(rf"\B[{DASHES}]\b")


@dataclass(frozen=True, slots=True)
class Pattern:
    """Literal parts and wildcards in order; two literal parts never stand side by side."""

    parts: tuple[Part, ...]

    @property
    def literal(self) -> str | None:
        """The whole text, or None when there are wildcards in it."""
        if not self.parts:
            return ""
        first = self.parts[0]
        return first if len(self.parts) == 1 and isinstance(first, str) else None

    @property
    def ending(self) -> str | None:
        """The text that values must end with, when that is all the pattern asks."""
        if len(self.parts) == 2 and self.parts[0] is Wildcard.MANY:  # noqa: PLR2004 (a wildcard and a text)
            last = self.parts[1]
            return last if isinstance(last, str) else None
        return None

    @property
    def matches_everything(self) -> bool:
        """Whether any value at all is matched."""
        return bool(self.parts) and self.parts.count(Wildcard.MANY) == len(self.parts)


def parse_pattern(text: str) -> Pattern:
    r"""Read a Sigma string: ``*`` and ``?`` are wildcards, ``\*``, ``\?`` and ``\\`` stand for the character itself."""
    parts: list[Part] = []
    start = 0
    for special in _SPECIAL.finditer(text):
        parts.append(text[start : special.start()])
        token = special.group()
        parts.append(token[1] if len(token) > 1 else Wildcard(token))
        start = special.end()
    parts.append(text[start:])
    return join(parts)


def literal_pattern(text: str) -> Pattern:
    """The pattern that is exactly this text."""
    return join([text])


def join(parts: Iterable[Part]) -> Pattern:
    """A pattern of these parts, neighboring literals merged and neighboring ``*`` made one."""
    merged: list[Part] = []
    for part in parts:
        if part == "" or (part is Wildcard.MANY and merged and merged[-1] is Wildcard.MANY):
            continue
        last = merged[-1] if merged else None
        if isinstance(part, str) and isinstance(last, str):
            merged[-1] = last + part
        else:
            merged.append(part)
    return Pattern(tuple(merged))


def without_dash_choices(pattern: Pattern) -> Iterator[Pattern]:
    """The pattern once for each spelling of its dashes, all of them literal."""
    choices = [tuple(DASHES) if part is Wildcard.DASH else (part,) for part in pattern.parts]
    return (join(chosen) for chosen in product(*choices))


def with_option_dashes(pattern: Pattern) -> Pattern:
    """Let every dash or slash that begins an option stand for any of ``DASHES`` (modifier ``windash``)."""
    parts: list[Part] = []
    for part in pattern.parts:
        if isinstance(part, str):
            pieces = _OPTION_DASH.split(part)
            parts.append(pieces[0])
            for piece in pieces[1:]:
                parts += [Wildcard.DASH, piece]
        else:
            parts.append(part)
    return join(parts)
