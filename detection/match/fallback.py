r"""Regular expressions that Hyperscan refuses, for an engine that takes them all, with the same meaning.

Hyperscan folds every letter's case (Unicode, simple folding) while ``\w``, ``\d``, ``\s`` and ``\b`` know ASCII alone,
as in PCRE without ``UCP``. The engine has one switch for both: where case does not count, the classes are spelled out.
It also knows more pairs of letters than Hyperscan, whose Unicode is of 2014, and takes the Turkish ``İ`` and ``ı`` for
``i``, which Unicode's simple folding does not. One letter of each such pair is exchanged, in the expression and in the
text alike, for a character that has no case.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import partial

import regex

from detection.rules.expression import RegexTest

_FLAGS = {"i": regex.IGNORECASE, "m": regex.MULTILINE, "s": regex.DOTALL}
_CASELESS_WITHIN = regex.compile(r"\(\?[a-zA-Z0-9]*i")
_TOKEN = regex.compile(r"\\.|\[:\w+:\]|\[\^?\]?|.", regex.DOTALL)
_END = "]"
_WORD = "0-9A-Za-z_"
_SPACE = r"\t-\r "
_CLASSES = {
    r"\w": f"(?-i:[{_WORD}])",
    r"\W": f"(?-i:[^{_WORD}])",
    r"\d": "[0-9]",
    r"\D": "[^0-9]",
    r"\s": f"[{_SPACE}]",
    r"\S": f"[^{_SPACE}]",
}
_BOUNDARIES = {
    r"\b": f"(?-i:(?<=[{_WORD}])(?![{_WORD}])|(?<![{_WORD}])(?=[{_WORD}]))",
    r"\B": f"(?-i:(?<=[{_WORD}])(?=[{_WORD}])|(?<![{_WORD}])(?![{_WORD}]))",
}
_NAMED = {
    "[:alnum:]": "0-9A-Za-z",
    "[:alpha:]": "A-Za-z",
    "[:digit:]": "0-9",
    "[:lower:]": "a-z",
    "[:punct:]": r"!-/:-@\[-`{-~",
    "[:space:]": _SPACE,
    "[:upper:]": "A-Z",
    "[:word:]": _WORD,
    "[:xdigit:]": "0-9A-Fa-f",
}


# The Turkish i's, and the letters that came into Unicode or got their case there since 7.0 (CaseFolding.txt).
_UNPAIRED = (
    *((0x130, 0x131), (0x13F8, 0x13FD), (0x1C80, 0x1C88), (0x1C90, 0x1CBA), (0x1CBD, 0x1CBF), (0x2C5F, 0x2C5F)),
    *((0xA7AE, 0xA7AE), (0xA7B2, 0xA7B2), (0xA7B5, 0xA7B5), (0xA7B7, 0xA7B7), (0xA7B9, 0xA7B9), (0xA7BB, 0xA7BB)),
    *((0xA7BD, 0xA7BD), (0xA7BF, 0xA7BF), (0xA7C1, 0xA7C1), (0xA7C3, 0xA7C6), (0xA7C8, 0xA7C8), (0xA7CA, 0xA7CA)),
    *((0xA7D1, 0xA7D1), (0xA7D7, 0xA7D7), (0xA7D9, 0xA7D9), (0xA7F6, 0xA7F6), (0xAB53, 0xAB53), (0xAB70, 0xABBF)),
    *((0x104D8, 0x104FB), (0x10597, 0x105A1), (0x105A3, 0x105B1), (0x105B3, 0x105B9), (0x105BB, 0x105BC)),
    *((0x10CC0, 0x10CF2), (0x16E60, 0x16E7F), (0x1E922, 0x1E943)),
)
_PRIVATE_USE = 0xF0000
_WITHOUT_CASE = {
    letter: _PRIVATE_USE + place
    for place, letter in enumerate(letter for first, last in _UNPAIRED for letter in range(first, last + 1))
}


class FallbackExpression:
    """A regular expression for this engine."""

    def __init__(self, test: RegexTest) -> None:
        """Compile the expression of a test."""
        self._is_caseless = "i" in test.flags or _CASELESS_WITHIN.search(test.expression) is not None
        expression = test.expression.translate(_WITHOUT_CASE) if self._is_caseless else test.expression
        self._compiled = _compiled(expression, test.flags, is_caseless=self._is_caseless)

    def finds(self, text: str, seconds: float) -> bool:
        """Whether the expression is found in a text.

        Raises:
            TimeoutError: it takes longer than so many seconds.
        """
        searched = text if text.isascii() or not self._is_caseless else text.translate(_WITHOUT_CASE)
        return self._compiled.search(searched, timeout=seconds) is not None


def _compiled(expression: str, given: str, *, is_caseless: bool) -> regex.Pattern[str]:
    flags = regex.V0
    for flag in given:
        flags |= _FLAGS[flag]
    expression = _spelled_out(expression) if is_caseless else expression
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of sets within sets, which PCRE does not have
        return regex.compile(expression, flags if is_caseless else flags | regex.ASCII)


def _spelled_out(expression: str) -> str:
    r"""The expression with classes of ASCII characters in place of ``\w`` and its like."""
    parts = []
    tokens = iter(_TOKEN.findall(expression))
    for token in tokens:
        if token.startswith("["):
            parts.append(_set(token, tokens))
        else:
            parts.append(_CLASSES.get(token) or _BOUNDARIES.get(token, token))
    return "".join(parts)


def _set(opening: str, tokens: Iterator[str]) -> str:
    """A set of characters, read to its end; the classes in it stand beside it, since their case is not folded."""
    members = [opening.removeprefix("[").removeprefix("^")]
    classes = []
    for part in iter(partial(next, tokens, _END), _END):
        if part in _CLASSES:
            classes.append(_CLASSES[part])
        else:
            members.append(_NAMED.get(part, part))
    negated, inner = opening.startswith("[^"), "".join(members)
    if not classes:
        return f"{'[^' if negated else '['}{inner}]"
    either = "|".join([f"[{inner}]", *classes] if inner else classes)
    return f"(?:(?!{either})(?s:.))" if negated else f"(?:{either})"
