"""Which row of a table names its columns, and how columns without a name of their own are called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median

_NUMBER_OR_DATE = re.compile(r"[-+(]?[\d.,:/ %年月日TZ+-]+\)?", re.ASCII)
_IDENTIFIER = re.compile(r"\d{9}|\S@\S+\.\S|^\d{4,8}$")
"""What is data and no name: long runs of digits (of any script), an address of e-mail."""
_DATA_SHARE = 0.5
_TITLE_SHARE = 0.6
"""A row with fewer filled cells, measured by the middle one of the first, stands above the table and names nothing."""

Cells = Sequence[object]


def find_header(rows: Sequence[Cells]) -> int | None:
    """The index of the row that names the columns; None where the first rows are data throughout."""
    usual = median(map(_filled, rows)) if rows else 0
    index = next((n for n, row in enumerate(rows) if _filled(row) >= usual * _TITLE_SHARE), None)
    return index if index is not None and _names_columns(rows[index], rows[index + 1 :]) else None


def column_names(header: Cells | None, width: int) -> list[str]:
    """Names for ``width`` columns, each once: a later column of the same name gets its number (from 1) too."""
    names: list[str] = []
    seen: set[str] = set()
    for number in range(1, width + 1):
        cell = header[number - 1] if header is not None and number <= len(header) else None
        name = " ".join(_text(cell).split()) or f"column_{number}"
        names.append(name if name not in seen else f"{name}_{number}")
        seen.add(names[-1])
    return names


def _names_columns(row: Cells, following: Sequence[Cells]) -> bool:
    texts = [text for cell in row if (text := _text(cell))]
    if not texts or any(_IDENTIFIER.search(text) for text in texts if not _is_year(text)):
        return False
    data = sum(_is_data(text) for text in texts)
    if data > len(texts) * _DATA_SHARE:
        return False
    return not any(_recurs(column, row, following) for column in range(len(row)))


def _recurs(column: int, row: Cells, following: Sequence[Cells]) -> bool:
    """Whether a cell stands in its own column again: a name would not, but where the whole row is repeated."""
    text = _text(row[column])
    return bool(text) and any(
        len(other) > column and _text(other[column]) == text and [*other] != [*row] for other in following
    )


def _is_data(text: str) -> bool:
    return bool(_NUMBER_OR_DATE.fullmatch(text)) and not _is_year(text)


def _is_year(text: str) -> bool:
    return len(text) == len("1999") and text.isdecimal() and text[:2] in {"19", "20"}


def _filled(row: Cells) -> int:
    return sum(bool(_text(cell)) for cell in row)


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()
