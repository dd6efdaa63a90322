"""Whether a text is a table with a header row: said only where several rows agree, since log lines have commas too."""

from __future__ import annotations

import csv
import re

_DELIMITERS = ",;\t|"
_ROWS = 20
_NAME = re.compile(
    r"""(?=.*[^\W\d_])                      # at least one letter
        (?!.*\d{1,2}:\d{2})                 # no time of day
        (?!.*\d{4}[-/]\d{1,2})              # no date
        (?!.*\d{1,3}\.\d{1,3}\.\d{1,3}\.)   # no address
        [\w#@(\[$%*]                        # a name starts at once
        [\w .\-/\#%()\[\]@:'’&?*$+,（）、，%]{0,79}$""",
    re.VERBOSE,
)


def csv_delimiter(text: str, *, whole: bool) -> str | None:
    """The delimiter of a table that ``text`` begins, or None where it is no table.

    Args:
        text: the beginning of the stream.
        whole: whether it is the whole stream, so that its last row is complete.
    """
    lines = text.split("\n") if whole else text.split("\n")[:-1]
    candidates = [(_columns(lines, delimiter), delimiter) for delimiter in _DELIMITERS]
    columns, delimiter = max(candidates, key=lambda candidate: candidate[0])
    return delimiter if columns else None


def _columns(lines: list[str], delimiter: str) -> int:
    """How many columns the table has, 0 where it is none."""
    if not lines or delimiter not in lines[0]:
        return 0
    rows = _rows(lines, delimiter)
    if len(rows) < 2 or not _is_header(rows[0]):  # noqa: PLR2004 (a header and a row)
        return 0
    header = rows[0]
    return len(header) if all(_is_row(row, header) for row in rows[1:]) else 0


def _is_row(row: list[str], header: list[str]) -> bool:
    """As many fields as the header has names, and none that repeats its name, as the words of log lines do."""
    return len(row) == len(header) and not any(map(str.__eq__, row, header))


def _rows(lines: list[str], delimiter: str) -> list[list[str]]:
    """The first rows, up to where the text breaks the rules of quoting or ends inside a field."""
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    try:
        for row in reader:
            if row:
                rows.append(row)
            if len(rows) == _ROWS:
                break
    except csv.Error:
        return rows
    return rows


def _is_header(row: list[str]) -> bool:
    """Names, each once; the first may be empty, as it is where an index was exported."""
    named = row[1:] if row[0] == "" else row
    return bool(named) and len(set(row)) == len(row) and all(_NAME.match(name.strip("\r")) for name in named)
