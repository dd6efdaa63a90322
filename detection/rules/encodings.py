"""Patterns of encoded text: Base64 at any offset, UTF-16 (Sigma specification 2.1, appendix Modifiers, "Encoding")."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator

from detection.rules.errors import RuleError
from detection.rules.pattern import Pattern, Wildcard, join, literal_pattern, without_dash_choices

CODECS = {"wide": "utf-16-le", "utf16le": "utf-16-le", "utf16be": "utf-16-be", "utf16": "utf-16-le"}
"""The modifiers that widen text, with what they make of it; ``utf16`` also puts a byte order mark before it."""

_BYTE_ORDER_MARK = b"\xff\xfe"
_MOST_DASHES = 5
_OFFSET_START = (0, 2, 3)
_OFFSET_END = (None, -3, -2)


def base64_patterns(pattern: Pattern, encoding: str, *, offsets: bool) -> Iterator[Pattern]:
    """The Base64 of a text after ``encoding`` (a key of ``CODECS``, or empty for UTF-8).

    Args:
        pattern: the text, without wildcards.
        encoding: how the text becomes bytes.
        offsets: give the part that stays the same wherever the text stands, for each of the three offsets.

    Raises:
        RuleError: there are wildcards in the text, or too many interchangeable dashes.
    """
    for plain in _spelled(pattern):
        text = plain.literal
        if text is None:
            raise RuleError("base64 of a value with wildcards is not possible; escape them or remove the modifier")
        data = (_BYTE_ORDER_MARK if encoding == "utf16" else b"") + _bytes(text, encoding)
        if offsets:
            yield from (literal_pattern(_from_offset(data, shift)) for shift in range(3))
        else:
            yield literal_pattern(b64encode(data).decode())


def widened_patterns(pattern: Pattern, encoding: str) -> Iterator[Pattern]:
    """UTF-16 as events show it: each byte as the character of its number, and read as UTF-8 where it can be.

    Raises:
        RuleError: there are too many interchangeable dashes in the text.
    """
    for plain in _spelled(pattern):
        parts = list(_wide_parts(plain, encoding))
        yield join(part.decode("latin-1") if isinstance(part, bytes) else part for part in parts)
        if any(not part.isascii() for part in parts if isinstance(part, bytes)):
            try:
                yield join(part.decode() if isinstance(part, bytes) else part for part in parts)
            except UnicodeDecodeError:
                continue


def _wide_parts(pattern: Pattern, encoding: str) -> Iterator[bytes | Wildcard]:
    mark = _BYTE_ORDER_MARK if encoding == "utf16" else b""
    for part in pattern.parts:
        if isinstance(part, Wildcard):
            yield part
            if part is Wildcard.ONE:
                yield part  # a character takes two bytes
        else:
            yield mark + _bytes(part, encoding)
            mark = b""


def _spelled(pattern: Pattern) -> Iterator[Pattern]:
    """The pattern with its interchangeable dashes spelled out, since each is encoded in its own way."""
    if pattern.parts.count(Wildcard.DASH) > _MOST_DASHES:
        raise RuleError(f"more than {_MOST_DASHES} options in one encoded value; split it with 'all'")
    return without_dash_choices(pattern)


def _bytes(text: str, encoding: str) -> bytes:
    return text.encode(CODECS.get(encoding, "utf-8"), "surrogatepass")


def _from_offset(data: bytes, shift: int) -> str:
    """The characters that the data alone decides when it begins ``shift`` bytes after a multiple of three."""
    end = _OFFSET_END[(len(data) + shift) % 3]
    return b64encode(shift * b" " + data)[_OFFSET_START[shift] : end].decode()
