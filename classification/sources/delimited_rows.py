"""Rows of delimited text (RFC 4180 with any delimiter), whatever is wrong with its quotes."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator

_DELIMITERS = (",", "\t", ";", "|", "\x01", "，", "^")
_SNIFFED_LINES = 50
_END = "\0"
"""A line of its own after the last: it stays one unless a quoted field is open."""
_MOST_BROKEN_QUOTES = 100
"""A text with more fields that never close does not quote with ``\"`` at all."""
_MOST_FIELD_CHARACTERS = 2**31 - 1
csv.field_size_limit(_MOST_FIELD_CHARACTERS)  # the length of a row is limited below

Row = list[str]


def sniff_delimiter(head: str) -> str | None:
    """The delimiter of which most lines have the same number, at least one; None for text without columns."""
    lines = head.splitlines()[:_SNIFFED_LINES]
    scores = {delimiter: _score(lines, delimiter) for delimiter in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda delimiter: scores[delimiter])
    return best if scores[best] > (0, 0) else None


def _score(lines: list[str], delimiter: str) -> tuple[float, int]:
    """Share of the rows with the most frequent number of fields, and that number; zero for one field."""
    widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
    if not widths:
        return (0, 0)
    width, rows = widths.most_common(1)[0]
    return (0, 0) if width == 1 else (round(rows / widths.total(), 1), width)


class RowReader:
    """Makes rows of blocks of whole lines.

    A quoted field may hold newlines. One that is not closed within ``row_characters`` costs its first line, which is
    split as it stands; ``broken_quotes`` counts these.
    """

    def __init__(self, delimiter: str, row_characters: int) -> None:
        """Prepare for a text."""
        self._delimiter = delimiter
        self._row_characters = row_characters
        self._open: list[str] = []
        self.broken_quotes = 0

    def rows(self, blocks: Iterable[str]) -> Iterator[list[Row]]:
        """The rows of each block; a row that a block cuts comes with the next. Blank lines are left out."""
        for block in blocks:
            lines = block.split("\n")
            if not lines[-1]:
                lines.pop()
            yield self._parse(lines)
        while self._open:
            yield self._give_up_first()

    def _parse(self, lines: list[str]) -> list[Row]:
        quoted = self.broken_quotes < _MOST_BROKEN_QUOTES and any('"' in line for line in lines)
        if not self._open and not quoted:
            return [line.split(self._delimiter) for line in lines if line]
        rows = self._parse_quoted([*self._open, *lines])
        while sum(map(len, self._open)) > self._row_characters:
            rows.extend(self._give_up_first())
        return rows

    def _parse_quoted(self, lines: list[str]) -> list[Row]:
        rows: list[Row] = []
        start = 0
        reader = csv.reader([*(f"{line}\n" for line in lines), _END], delimiter=self._delimiter)
        for row in reader:
            if reader.line_num > len(lines):
                self._open = [] if row == [_END] else lines[start:]
                break
            start = reader.line_num
            if row:
                rows.append(row)
        return rows

    def _give_up_first(self) -> list[Row]:
        first, *others = self._open
        self._open = []
        self.broken_quotes += 1
        return [first.split(self._delimiter), *self._parse(others)]
