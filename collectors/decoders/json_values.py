"""One JSON object out of its bytes: fast where it is strict JSON, tolerant where it nearly is."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from math import isfinite
from typing import TypeAlias

import orjson

from collectors.decoders.encodings import decode_text
from collectors.decoders.errors import BrokenRecordError
from collectors.record import Reason

Document: TypeAlias = dict[str, object]

# Only single characters are repeated possessively: Python before 3.11.5 matches possessive groups wrongly.
STRING_BODY = rb'[^"\\\n]*+(?:\\.[^"\\\n]*+){0,65535}'
"""What stands between the quotes of a string, up to so many escapes at a time, which bounds the memory it takes; a raw
newline is not allowed."""
SKIP_TO_BRACKET = re.compile(
    rb"""(?:
        [^"{}\[\]]++                    # anything but strings and brackets
        | "%s"                          # a whole string: brackets in it don't count
    )*"""
    % STRING_BODY,
    re.VERBOSE | re.DOTALL,
)
"""From a place outside strings to the next bracket, the next string that is not whole, or the end."""

_OPENING = b"{["
_INTEGER_BITS = range(-(2**63), 2**64)
_INTEGER_DIGITS = 20


def parse_object(raw: bytes, encoding: str | None, nesting: int) -> Document:
    """The object that ``raw`` holds.

    NaN and infinities become null, integers beyond 64 bits floats, lone surrogates U+FFFD.

    Raises:
        BrokenRecordError: ``raw`` holds no object, is broken, or is nested more than ``nesting`` levels deep.
    """
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        value = _parse_tolerantly(raw, encoding, nesting, error.pos)
    if not isinstance(value, dict):
        raise BrokenRecordError(Reason.UNDECODABLE, "JSON, but not an object; records must be objects")
    return value


def _parse_tolerantly(raw: bytes, encoding: str | None, nesting: int, broken_at: int) -> object:
    text = decode_text(raw, encoding).lstrip("\ufeff")
    if exceeds_nesting(text.encode("utf-8", "surrogatepass"), nesting):
        raise BrokenRecordError(Reason.TOO_DEEP, f"nested deeper than the {nesting} levels allowed")
    try:
        return _repaired(json.loads(text, strict=False, parse_int=_integer, parse_constant=lambda _: None))
    except ValueError as error:
        raise BrokenRecordError(
            Reason.UNDECODABLE, f"broken JSON near character {broken_at}; see the raw record"
        ) from error
    except RecursionError as error:
        raise BrokenRecordError(Reason.TOO_DEEP, "nested too deep to be read") from error


def exceeds_nesting(raw: bytes, nesting: int) -> bool:
    """Whether the brackets of a JSON text open more than ``nesting`` levels; never recursive."""
    depth = place = 0
    while (place := SKIP_TO_BRACKET.match(raw, place).end()) < len(raw):  # type: ignore[union-attr] # always matches
        bracket = raw[place]
        place += 1
        if bracket in _OPENING:
            depth += 1
            if depth > nesting:
                return True
        elif bracket != ord('"'):
            depth -= 1
    return False


def _integer(digits: str) -> float | str:
    """An integer of 64 bits, beyond them a float as the strict parser gives, beyond that its digits."""
    if len(digits) <= _INTEGER_DIGITS and int(digits) in _INTEGER_BITS:
        return int(digits)
    return float(digits) if isfinite(float(digits)) else digits


def _repaired(value: object) -> object:
    """The same value with every text free of lone surrogates, which no store accepts."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, Mapping):
        return {_repaired(name): _repaired(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_repaired(inner) for inner in value]
    return value
