r"""Regular expressions that Hyperscan refuses, for an engine that takes them all, with the same meaning.

Hyperscan folds every letter's case (Unicode, simple folding) while ``\w``, ``\d``, ``\s`` and ``\b`` know ASCII alone,
as in PCRE without ``UCP``. The engine has one switch for both: where case does not count, the classes are spelled out.
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


def compiled(test: RegexTest) -> regex.Pattern[str]:
    """The expression of a test, compiled."""
    flags = regex.V0
    for flag in test.flags:
        flags |= _FLAGS[flag]
    caseless = "i" in test.flags or _CASELESS_WITHIN.search(test.expression) is not None
    expression = _spelled_out(test.expression) if caseless else test.expression
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of sets within sets, which PCRE does not have
        return regex.compile(expression, flags if caseless else flags | regex.ASCII)


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
