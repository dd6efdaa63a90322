"""Which encoding a text is in, and reading it in blocks of whole lines whatever is wrong with it."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from classification.sources.errors import UnreadableError

HEAD_BYTES = 1 << 18
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_GZIP_MAGIC = b"\x1f\x8b"
_NO_CONTROLS = bytes({*range(32, 256), *b"\t\n\r\f\x1b\x01"})
_RARE = 50
_SAMPLE = 4096
_MIN_WIDE_SAMPLE = 8
_COMMON_SHARE = 0.6
"""At least so many of the Chinese characters of a GB18030 text are in GB 2312; of Big5 read as GB18030, fewer."""


def open_bytes(path: Path) -> BinaryIO | gzip.GzipFile:
    """The content of a file, unpacked where it is gzip.

    Raises:
        UnreadableError: the file can't be opened.
    """
    try:
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP_MAGIC
        return gzip.open(path) if packed else path.open("rb")
    except OSError as error:
        message = f"{error.strerror}; give this user the right to read it"
        raise UnreadableError(message, "not_permitted") from error


def read_head(path: Path) -> bytes:
    """The first bytes of a file's content.

    Raises:
        UnreadableError: the file can't be opened or unpacked.
    """
    with open_bytes(path) as stream:
        return read_bytes(stream, HEAD_BYTES)


def read_bytes(stream: BinaryIO | gzip.GzipFile, size: int) -> bytes:
    """Up to ``size`` bytes.

    Raises:
        UnreadableError: the disk, or what is packed, is damaged.
    """
    try:
        return stream.read(size)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        message = "the compressed data is damaged; fetch the file again"
        raise UnreadableError(message, "damaged") from error
    except OSError as error:
        message = f"{error.strerror or 'it can not be read'}; check the disk"
        raise UnreadableError(message, "disk") from error


def detect_encoding(head: bytes) -> str | None:
    """The encoding of a text by its first bytes; None where they are no text at all.

    A byte order mark decides; UTF-16 without one shows in NUL bytes at every other place; then UTF-8, GB18030, Big5
    and Windows-1252 are tried in this order.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return encoding
    wide = _wide_encoding(head[:_SAMPLE])
    if wide is not None:
        return wide
    controls = len(head.translate(None, delete=_NO_CONTROLS))
    return None if b"\0" in head or controls * _RARE > len(head) else _narrow_encoding(head)


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


def _narrow_encoding(head: bytes) -> str:
    if _decodes(head, "utf-8"):
        return "utf-8"
    if not _decodes(head, "gb18030"):
        return "cp1252"
    wide = [character for character in head.decode("gb18030", "ignore") if not character.isascii()]
    common = len("".join(wide).encode("gb2312", "ignore")) / 2
    return "big5hkscs" if common < len(wide) * _COMMON_SHARE and _decodes(head, "big5hkscs") else "gb18030"


def _decodes(head: bytes, encoding: str) -> bool:
    """Whether the bytes are right in an encoding; a character that the end cuts in two is forgiven."""
    try:
        codecs.getincrementaldecoder(encoding)("strict").decode(head)
    except UnicodeDecodeError:
        return False
    return True


class TextReader:
    """Reads a text file in blocks of whole lines, each ended by one newline character.

    A line that is not in the text's encoding is read in UTF-8 or GB18030, else its broken bytes become U+FFFD;
    ``damaged_lines`` counts the last.
    """

    def __init__(self, path: Path, encoding: str, block: int) -> None:
        """Prepare; ``block`` is the size of a block in bytes. A line longer than eight blocks comes in parts."""
        self._path = path
        self._encoding = encoding
        self._block = block
        self.damaged_lines = 0

    def blocks(self) -> Iterator[str]:
        """The text.

        Raises:
            UnreadableError: the file can't be read to its end.
        """
        with open_bytes(self._path) as stream:
            wide = self._encoding.startswith(("utf-16", "utf-32"))
            for text in self._wide(stream) if wide else self._narrow(stream):
                yield text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text

    def _narrow(self, stream: BinaryIO | gzip.GzipFile) -> Iterator[str]:
        rest = b""
        first = True
        while data := read_bytes(stream, self._block):
            whole, newline, tail = data.rpartition(b"\n")
            if not newline and len(rest) + len(tail) < 8 * self._block:
                rest += tail
                continue
            block, rest = rest + (whole + newline if newline else tail), tail if newline else b""
            yield self._decode(block.removeprefix(codecs.BOM_UTF8) if first else block)
            first = False
        if rest:
            yield self._decode(rest.removeprefix(codecs.BOM_UTF8) if first else rest)

    def _decode(self, block: bytes) -> str:
        try:
            return block.decode(self._encoding)
        except UnicodeDecodeError:
            return "".join(map(self._decode_line, block.splitlines(keepends=True)))

    def _decode_line(self, line: bytes) -> str:
        for encoding in (self._encoding, "utf-8", "gb18030"):
            try:
                return line.decode(encoding)
            except UnicodeDecodeError:
                continue
        self.damaged_lines += 1
        return line.decode(self._encoding, "replace")

    def _wide(self, stream: BinaryIO | gzip.GzipFile) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self._encoding)("replace")
        rest = ""
        while data := read_bytes(stream, self._block):
            text = rest + decoder.decode(data)
            whole, newline, rest = text.rpartition("\n")
            if not newline and len(rest) >= 8 * self._block:
                whole, rest = rest, ""
            if whole or newline:
                self.damaged_lines += whole.count("\ufffd")
                yield (whole + newline).removeprefix("\ufeff")
        if last := rest + decoder.decode(b"", final=True):
            yield last.removeprefix("\ufeff")
