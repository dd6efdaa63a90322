"""Rows of a table with a header (RFC 4180, with any delimiter), each with the bytes it was made of."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator

from collectors.decoders.byte_source import PEEK_BYTES, ByteSource
from collectors.decoders.csv_recognition import csv_delimiter
from collectors.decoders.encodings import byte_order_mark, decode_text, foreign_text, wide_newline
from collectors.decoders.limits import DecodeLimits
from collectors.decoders.line_records import read_lines
from collectors.decoders.lines import Line
from collectors.record import DEAD_LETTER_BYTES, DeadLetter, Reason, Record

_BLANK = b"\x00 \t\r\n"
_QUOTED = r'[^"]*+(?:""[^"]*+)*'
"""What stands between the quotes of a field; a quote in it is doubled."""


def decode_csv(source: ByteSource, encoding: str | None, limits: DecodeLimits) -> Iterator[Record | DeadLetter]:
    """Every row after the header as a document of text values by column name.

    A row may have fewer fields than the header, not more. A quote that is never closed costs its line alone.
    """
    head = source.peek(PEEK_BYTES)
    text = decode_text(head[len(byte_order_mark(head)) :], encoding)
    table = _Table(csv_delimiter(text, whole=len(head) < PEEK_BYTES) or ",", encoding, limits.record.bytes)
    for line in read_lines(source, encoding, limits.record.bytes, keep_blank=True):
        if isinstance(line, DeadLetter):
            yield from table.flush()
            yield line
        else:
            yield from table.add(line)
    yield from table.flush()


class _Table:
    """Joins lines into rows where a quoted field holds newlines, and names the fields."""

    def __init__(self, delimiter: str, encoding: str | None, limit: int) -> None:
        self._delimiter = delimiter
        self._encoding = encoding
        self._limit = limit
        self._newline = wide_newline(encoding)
        self._names: list[str] = []
        self._lines: list[Line] = []
        self._texts: list[str] = []
        self._length = 0
        self._is_open = False
        other = f"[^{re.escape(delimiter)}]*+"
        end = rf"(?:{re.escape(delimiter)}|\Z)"
        self._field = re.compile(rf'(?:"({_QUOTED})"(?!")({other})|((?!"){other})){end}')
        self._opens = re.compile(rf'(?:{self._field.pattern})*"{_QUOTED}\Z')
        self._closes = re.compile(rf'{_QUOTED}"(?!"){other}{end}')

    def add(self, line: Line) -> Iterator[Record | DeadLetter]:
        """What one more line completes."""
        position, raw = line
        if not (self._is_open or raw.strip(_BLANK)):
            return
        text = decode_text(raw[len(byte_order_mark(raw)) :] if position == 0 else raw, self._encoding)
        self._lines.append(line)
        self._texts.append(text)
        self._length += len(raw)
        self._is_open = self._stays_open(text)
        if not self._is_open:
            yield from self._row()
        elif self._length > self._limit:
            yield from self.flush()

    def flush(self) -> Iterator[Record | DeadLetter]:
        """What is left when nothing more will come: a row left open is read again without its first line."""
        waiting = deque(self._lines)
        while waiting:
            position, raw = waiting.popleft()
            self._forget()
            yield self._dead(position, raw, Reason.UNDECODABLE, "a quoted field in it is never closed")
            for line in waiting:
                yield from self.add(line)
            waiting = deque(self._lines)

    def _stays_open(self, text: str) -> bool:
        """Whether a line that follows those so far ends inside a quoted field."""
        if '"' not in text:
            return self._is_open
        start = 0
        if self._is_open:
            closing = self._closes.match(text)
            if closing is None:
                return True
            start = closing.end()
        return self._opens.match(text, start) is not None

    def _row(self) -> Iterator[Record | DeadLetter]:
        position = self._lines[0][0]
        raw = self._newline.join(line for _, line in self._lines).removesuffix(self._newline.replace(b"\n", b"\r"))
        fields = self._split("\n".join(self._texts).removesuffix("\r"))
        self._forget()
        if not self._names:
            self._names = _distinct(fields)
        elif any(fields[len(self._names) :]):
            detail = f"{len(fields)} fields, but the header names {len(self._names)}"
            yield self._dead(position, raw, Reason.UNDECODABLE, detail)
        else:
            document = dict(zip(self._names, fields, strict=False))
            yield Record(position, raw, foreign_text(raw, self._encoding), document, "csv")

    def _split(self, text: str) -> list[str]:
        """The fields of a row; a quoted one without its quotes, doubled quotes in it single."""
        if '"' not in text:
            return text.split(self._delimiter)
        fields = [
            found[1].replace('""', '"') + found[2] if found[1] is not None else found[3]
            for found in self._field.finditer(text)
        ]
        return fields if text.endswith(self._delimiter) else fields[:-1]

    def _forget(self) -> None:
        self._lines, self._texts, self._length, self._is_open = [], [], 0, False

    def _dead(self, position: int, raw: bytes, reason: Reason, detail: str) -> DeadLetter:
        return DeadLetter(position, reason, f"{detail}; see the raw record", raw[:DEAD_LETTER_BYTES], len(raw), "csv")


def _distinct(names: list[str]) -> list[str]:
    """The names of a header, each once: a later one of the same name gets its column's number."""
    distinct: list[str] = []
    for column, name in enumerate(names, 1):
        name = name.strip()  # noqa: PLW2901 (the name as it is used)
        distinct.append(f"{name}_{column}" if name in distinct else name)
    return distinct
