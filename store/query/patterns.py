"""Patterns over values: wildcards, and the regular expressions that every engine reads alike.

Wildcards are matched piece by piece from left to right, so no pattern takes more than length × length steps.
"""

from __future__ import annotations

import re
from functools import lru_cache

_TOKEN = re.compile(r"\\(?P<literal>.)|(?P<special>[*?])|(?P<other>.)", re.DOTALL)
_META = frozenset('\\.+*?()|[]{}^$#&-~"@<>')
ANY = "(?s:.)"
_SAFE_REGEX = re.compile(r"(?:\\[^0-9A-Za-z\s]|\[\^?(?:\\[^0-9A-Za-z\s]|[^\[\]\\&~])+\]|[^\\\[\]^$])+", re.DOTALL)


def wildcard_tokens(pattern: str) -> list[tuple[bool, str]]:
    """The characters of a pattern: (whether it is a wildcard, the character); repeated ``*`` become one."""
    tokens: list[tuple[bool, str]] = []
    for match in _TOKEN.finditer(pattern):
        token = (match["special"] is not None, match["special"] or match["literal"] or match["other"])
        if token != (True, "*") or not tokens or tokens[-1] != token:
            tokens.append(token)
    return tokens


def literal_pattern(text: str) -> str:
    """The pattern that matches exactly a text."""
    return re.sub(r"([*?\\])", r"\\\1", text)


def escape_regex(text: str) -> str:
    """A text as a regular expression that matches exactly it, in RE2's and Lucene's syntax alike."""
    return "".join(f"\\{char}" if char in _META else char for char in text)


def wildcard_regex(pattern: str) -> str:
    """A pattern, in lower case, as a regular expression over the whole value."""
    parts = []
    for special, char in wildcard_tokens(pattern.lower()):
        if not special:
            parts.append(escape_regex(char))
        else:
            parts.append(ANY if char == "?" else f"{ANY}*")
    return "".join(parts)


def regex_problem(expression: str) -> str | None:
    """Why an expression isn't in the dialect that every engine reads alike; None when it is."""
    if re.search(r"\(\?|[*+?}][+?]", re.sub(r"\\.", "", expression)):
        return "groups with (?…), lazy and possessive repeats aren't supported"
    if not _SAFE_REGEX.fullmatch(expression):
        return r"only literals, . [] () | * + ? {n,m} and escaped punctuation are supported (no \d \w \b ^ $)"
    if re.search(r"\{[^}]*\d{3}", expression):
        return "a repeat of 100 or more is too large"
    try:
        re.compile(expression)
    except re.error as error:
        return str(error)
    return None


def plain_regex(expression: str) -> str:
    """An expression of the shared dialect, in lower case, with a dot that matches every character."""
    return re.sub(
        r"\\.|\[(?:\\.|[^\]])*\]|\.",
        lambda match: ANY if match[0] == "." else match[0],
        expression.lower(),
        flags=re.DOTALL,
    )


@lru_cache(maxsize=256)
def compiled_regex(expression: str) -> re.Pattern[str]:
    """An expression of the shared dialect, for Python."""
    return re.compile(plain_regex(expression))


@lru_cache(maxsize=256)
def compiled_wildcard(pattern: str) -> tuple[re.Pattern[str], ...]:
    """The pieces of a pattern, in lower case, between its stars."""
    pieces: list[str] = [""]
    for special, char in wildcard_tokens(pattern.lower()):
        if special and char == "*":
            pieces.append("")
        else:
            pieces[-1] += "." if special else re.escape(char)
    return tuple(re.compile(piece, re.DOTALL) for piece in pieces)


def wildcard_matches(pattern: str, text: str) -> bool:
    """Whether a pattern matches the whole of a text that is in lower case."""
    first, *rest = compiled_wildcard(pattern)
    if not rest:
        return first.fullmatch(text) is not None
    if (start := first.match(text)) is None:
        return False
    position = start.end()
    for piece in rest[:-1]:
        if (found := piece.search(text, position)) is None:
            return False
        position = found.end()
    return _ends_with(rest[-1], text, position)


def _ends_with(piece: re.Pattern[str], text: str, position: int) -> bool:
    """Whether the last piece, whose length is fixed, stands at the end of the text and not before ``position``."""
    length = len(re.sub(r"\\(.)", r"\1", piece.pattern, flags=re.DOTALL))
    start = len(text) - length
    return start >= position and piece.fullmatch(text, start) is not None
