"""Which encoding a text is in, and reading it whatever is wrong with it."""

from __future__ import annotations

import codecs
from collections.abc import Callable

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE_NEWLINES = {"utf-16-le": b"\n\x00", "utf-16-be": b"\x00\n"}
WIDE_ENCODINGS = frozenset(_WIDE_NEWLINES)
"""Encodings of two bytes a unit, where a newline is not one byte."""
_SAMPLE = 4096
_MIN_WIDE_SAMPLE = 8
_LONGEST_CHARACTER = 4


def wide_newline(encoding: str | None) -> bytes:
    """The bytes of a newline in an encoding."""
    return _WIDE_NEWLINES.get(encoding or "", b"\n")


def byte_order_mark(head: bytes) -> bytes:
    """The byte order mark that ``head`` begins with, or nothing."""
    return next((mark for mark, _ in _BYTE_ORDER_MARKS if head.startswith(mark)), b"")


def canonical_encoding(name: str | None, head: bytes) -> str | None:
    """The one spelling of an encoding's name; UTF-16 without byte order takes it from ``head``.

    Raises:
        LookupError: Python knows no encoding of that name.
    """
    if name is None:
        return detect_encoding(head)
    canonical = codecs.lookup(name).name
    if canonical == "utf-16":
        return "utf-16-be" if head.startswith(codecs.BOM_UTF16_BE) else "utf-16-le"
    return "utf-8" if canonical == "utf-8-sig" else canonical


def detect_encoding(head: bytes) -> str | None:
    """``utf-8``, ``utf-16-le``, ``utf-16-be`` or ``gb18030`` as the first bytes show; None where it is open.

    UTF-16 without a mark shows in NUL bytes at every other place.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return encoding
    return _wide_encoding(head[:_SAMPLE]) or _narrow_encoding(head)


def _wide_encoding(sample: bytes) -> str | None:
    half = len(sample) // 2
    if half * 2 < _MIN_WIDE_SAMPLE:
        return None
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd * 3 > half and even * 50 <= half:
        return "utf-16-le"
    if even * 3 > half and odd * 50 <= half:
        return "utf-16-be"
    return None


def _narrow_encoding(head: bytes) -> str | None:
    """UTF-8 or GB18030, with a character that the end of ``head`` cuts in two forgiven."""
    if head.isascii():
        return None
    for encoding in ("utf-8", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)("strict")
        try:
            decoder.decode(head)
        except UnicodeDecodeError:
            continue
        return encoding
    return None


def decode_text(raw: bytes, encoding: str | None) -> str:
    """Text of ``raw``: in ``encoding``, else UTF-8, else GB18030, else UTF-8 with U+FFFD for what is broken."""
    for candidate in (encoding or "utf-8", "utf-8", "gb18030"):
        try:
            return raw.decode(candidate)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")


def foreign_text(raw: bytes, encoding: str | None) -> str | None:
    """Text of ``raw`` where its bytes are not UTF-8, so that the record stays readable; else None."""
    if encoding in {None, "utf-8"}:
        if raw.isascii():
            return None
        try:
            raw.decode()
        except UnicodeDecodeError:
            return decode_text(raw, None)
        return None
    return decode_text(raw, encoding)


def transcoder(read: Callable[[int], bytes], encoding: str) -> Callable[[int], bytes]:
    """A reader of the same text as UTF-8 (lone surrogates kept in UTF-8's form, other broken bytes as U+FFFD)."""
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass" if encoding.startswith("utf-16") else "replace")

    def read_utf8(size: int) -> bytes:
        while data := read(max(size // 2, _LONGEST_CHARACTER)):
            if text := decoder.decode(data):
                return text.encode("utf-8", "surrogatepass")
        return b"\xef\xbf\xbd" if _cut_short(decoder) else b""

    return read_utf8


def _cut_short(decoder: codecs.IncrementalDecoder) -> bool:
    """Whether the input ended inside a character; says so once."""
    pending = bool(decoder.getstate()[0])
    decoder.reset()
    return pending
