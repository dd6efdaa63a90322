"""What a value of an event is compared by: its text form, its typed form, its words.

Every engine indexes exactly these forms, so that a query means the same on each of them.
"""

from __future__ import annotations

import ipaddress
import math
import re
from datetime import UTC
from functools import lru_cache
from typing import TypeAlias

from events import FieldType, Scalar, format_timestamp, parse_timestamp, timestamp_ms

Typed: TypeAlias = int | float | bool | str

MAX_KEYWORD_BYTES = 32_766
"""Longest value that is matched whole (Lucene's longest term); of a longer one its beginning is matched."""

MAX_WORD_BYTES = 1_000
"""A word of a text field can be searched when it is shorter than this in UTF-8."""

LONG_LIMIT = 1 << 63
"""Numbers of the type long are below it, and not below its negative."""
_MAPPED = 0xFFFF << 32
_FIRST_MS, _LAST_MS = -62_135_596_800_000, 253_402_300_799_999  # the years 1 to 9999
_OWN_LENGTH = len("2026-01-31T08:15:30.123Z")
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
NUMBER = re.compile(r"[+-]?(?:[0-9]{1,300}(?:\.[0-9]{0,300})?|\.[0-9]{1,300})(?:[eE][+-]?[0-9]{1,3})?")
_CJK = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3040-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f\U0001aff0-\U0001b16f"
    "\U00020000-\U0003ffff"
)
_WORD = re.compile(f"[{_CJK}]|[^\\W_{_CJK}]+")


def text_form(value: Scalar) -> str | None:
    """A value as text, in its own spelling; None for no value."""
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value)


def keyword_form(value: Scalar) -> str | None:
    """A value as keywords and untyped fields are matched: in lower case, cut at ``MAX_KEYWORD_BYTES``."""
    text = text_form(value)
    if text is None:
        return None
    return keyword(text)


def keyword(text: str) -> str:
    """A text in lower case, cut at ``MAX_KEYWORD_BYTES`` of UTF-8."""
    lowered = text.lower()
    if len(lowered) * 4 <= MAX_KEYWORD_BYTES:
        return lowered
    return lowered.encode("utf-8", "replace")[:MAX_KEYWORD_BYTES].decode("utf-8", "ignore")


def words(text: str) -> list[str]:
    """The words of a text, in lower case: runs of letters and digits, each Chinese, Japanese or Korean character."""
    return _WORD.findall(text.lower())


def typed_form(kind: FieldType, value: Scalar) -> Typed | None:
    """A value in the form of a typed field that is neither keyword nor text; None when it doesn't fit the type.

    Dates become milliseconds since 1970 UTC, addresses their canonical text.
    """
    if kind is FieldType.LONG:
        return _long(value)
    if kind is FieldType.IP:
        return _address(value) if isinstance(value, str) else None
    if kind is FieldType.DATE:
        return _moment(value)
    if kind is FieldType.BOOLEAN:
        return _boolean(value)
    return _double(value)


def canonical_text(kind: FieldType, typed: Typed) -> str:
    """The text that patterns see of a typed value."""
    if kind is FieldType.DATE and isinstance(typed, int):
        return format_timestamp(typed).lower()
    return str(typed).lower() if kind is not FieldType.DOUBLE else repr(float(typed))


def address_number(canonical: str) -> int:
    """An address as a number in the order of all addresses; a v4 one as v4-mapped v6 (RFC 4291 §2.5.5.2)."""
    address = ipaddress.ip_address(canonical)
    return int(address) | _MAPPED if address.version == 4 else int(address)  # noqa: PLR2004 (IPv4)


def address_text(number: int) -> str:
    """The canonical text of an address number."""
    if number >> 32 == 0xFFFF:  # noqa: PLR2004 (the v4-mapped prefix)
        return str(ipaddress.IPv4Address(number & 0xFFFFFFFF))
    return str(ipaddress.IPv6Address(number))


def network_bounds(network: str) -> tuple[int, int]:
    """First and last address number of a network in CIDR form.

    Raises:
        ValueError: the text is no network.
    """
    parsed = ipaddress.ip_network(network.strip(), strict=False)
    return address_number(str(parsed[0])), address_number(str(parsed[-1]))


def _long(value: Scalar) -> int | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        value = int(value) if _INTEGER.fullmatch(value) else None
    elif isinstance(value, float):
        value = int(value) if value.is_integer() else None
    return value if value is not None and -LONG_LIMIT <= value < LONG_LIMIT else None


def _double(value: Scalar) -> float | None:
    if isinstance(value, bool) or value is None or (isinstance(value, str) and not NUMBER.fullmatch(value)):
        return None
    try:
        number = float(value) + 0.0
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _boolean(value: Scalar) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    return value if isinstance(value, bool) else None


@lru_cache(maxsize=65_536)
def _address(text: str) -> str | None:
    try:
        return address_text(address_number(text.partition("%")[0]))
    except ValueError:
        return None


@lru_cache(maxsize=4_096)
def _parsed_moment(text: str) -> int | None:
    try:
        return timestamp_ms(text) if len(text) == _OWN_LENGTH and text[-1] == "Z" else parse_timestamp(text, UTC)
    except (ValueError, OverflowError):
        return None


def _moment(value: Scalar) -> int | None:
    if isinstance(value, bool) or value is None or isinstance(value, float):
        return None
    if isinstance(value, int):
        return value if _FIRST_MS <= value <= _LAST_MS else None
    return _parsed_moment(value)
