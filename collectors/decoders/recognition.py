"""What a stream is, decided from its first bytes and never from its name."""

from __future__ import annotations

import re
from dataclasses import dataclass

import orjson

from collectors.decoders.csv_recognition import csv_delimiter
from collectors.decoders.encodings import byte_order_mark, canonical_encoding, decode_text
from collectors.decoders.json_envelope import ENVELOPE

MAGIC_BYTES = 8
_COMPRESSIONS = {b"\x1f\x8b\x08": "gzip", b"BZh": "bzip2", b"PK\x03\x04": "zip", b"PK\x05\x06": "zip"}
_BZIP2_BLOCKS = (b"1AY&SY", b"\x17rE8P\x90")
_BINARY_LOGS = {
    b"ElfFile\x00": "evtx",
    b"\xd4\xc3\xb2\xa1": "pcap",
    b"\xa1\xb2\xc3\xd4": "pcap",
    b"\x4d\x3c\xb2\xa1": "pcap",
    b"\xa1\xb2\x3c\x4d": "pcap",
    b"\x0a\x0d\x0d\x0a": "pcapng",
}
"""First bytes of binary logs: EVTX, libpcap in both byte orders and resolutions, pcapng."""
_NO_LOGS = (
    b"\x00\x05\x16\x07",  # AppleDouble, beside each file in archives made on macOS
    b"\x7fELF",
    b"MZ\x90\x00",
    b"\x89PNG",
    b"%PDF-",
    b"SQLite format 3\x00",
    b"\xfd7zXZ\x00",
    b"7z\xbc\xaf\x27\x1c",
    b"\x28\xb5\x2f\xfd",  # zstd
    b"Rar!\x1a\x07",
)
_TAR = slice(257, 262)
_PREAMBLE = re.compile(rb"\s*(?:(?:#|//)[^\n]*\n\s*)*")
_CONTROL = bytes(sorted(set(range(2, 28)) - set(b"\t\n\r\x0c\x1b")))
"""What no text holds: control bytes other than white space, escape sequences and the separators some formats use."""
_CONTROL_SHARE = 10
_OBJECT = re.compile(rb'\{\s*(?:"|\}|\Z)')
_ARRAY = re.compile(rb"\[\s*(?:[{\]]|\Z)")
_EVENT_XML = re.compile(rb"(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<(?:\w+:)?Events?[\s>]", re.DOTALL)
_TRIED_LINES = 20


WHOLE_TEXT_DECODERS = frozenset({"json", "xml"})
"""Decoders whose records know no lines, so that the whole text is in one encoding."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """Name of the decoder, the text's encoding where it shows, and the length of comments ahead of the first record."""

    decoder: str
    encoding: str | None = None
    preamble: int = 0


def recognize_compression(head: bytes) -> str | None:
    """``gzip`` (RFC 1952), ``bzip2``, ``zip`` (APPNOTE 4.3) or None."""
    for magic, kind in _COMPRESSIONS.items():
        if head.startswith(magic) and (kind != "bzip2" or head[4:8] in [block[:4] for block in _BZIP2_BLOCKS]):
            return kind
    return None


def recognize(head: bytes, encoding: str | None = None, *, whole: bool = False) -> Recognition:
    """Which decoder reads a stream that begins with ``head``.

    Args:
        head: the first bytes, decompressed.
        encoding: the encoding the caller says the text is in.
        whole: whether ``head`` is all there is.

    Raises:
        LookupError: there is no encoding of that name.
    """
    for magic, decoder in _BINARY_LOGS.items():
        if head.startswith(magic):
            return Recognition(decoder)
    detected = canonical_encoding(encoding, head)
    text = _as_utf8(head, detected)
    if _is_no_log(head, text):
        return Recognition("unknown")
    comments = _PREAMBLE.match(text).end()  # type: ignore[union-attr] # matches nothing at least
    decoder = _recognize_text(text[comments:], whole=whole)
    if encoding is None and detected == "gb18030" and decoder not in WHOLE_TEXT_DECODERS:
        detected = None  # told line by line: files of several writers mix encodings
    as_the_bytes_are = decoder != "lines" and detected in {None, "utf-8"}
    return Recognition(decoder, detected, len(head) - len(text) + comments if comments and as_the_bytes_are else 0)


def _recognize_text(text: bytes, *, whole: bool) -> str:
    first = text[:1]
    if first == b"{":
        return _recognize_objects(text, whole=whole)
    if first == b"[" and _ARRAY.match(text):
        return "json"
    if first == b"<" and _EVENT_XML.match(text):
        return "xml"
    return "csv" if csv_delimiter(decode_text(text, None), whole=whole) else "lines"


def _recognize_objects(text: bytes, *, whole: bool) -> str:
    """Objects a line each, objects over several lines, or lines that merely begin with a brace."""
    if ENVELOPE.match(text):
        return "json"
    lines = text.split(b"\n")
    complete = lines if whole else lines[:-1]
    if any(_is_object(line) for line in complete[:_TRIED_LINES]):
        return "ndjson"
    return "json" if _OBJECT.match(text) else "lines"


def _is_object(line: bytes) -> bool:
    try:
        return line.startswith(b"{") and isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False


def _as_utf8(head: bytes, encoding: str | None) -> bytes:
    if encoding in {None, "utf-8"}:
        return head[len(byte_order_mark(head)) :]
    return head.decode(encoding or "utf-8", "replace").lstrip("\ufeff").encode()


def _is_no_log(head: bytes, text: bytes) -> bool:
    """Whether these are the bytes of a program, a picture or some other archive."""
    if head.startswith(_NO_LOGS) or head[_TAR] == b"ustar":
        return True
    control = len(text) - len(text.translate(None, _CONTROL))
    return control * _CONTROL_SHARE > len(text)
