"""Values as they are judged: plain, of bounded length, column by column."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import orjson

from classification.sources.contract import Batch, Column, Problem
from classification.sources.header import column_names

_EXACT_INTEGERS = 2**53
_SCALARS = (str, int, float, bool)


def plain_value(value: object) -> object:
    """A value of a database, a workbook or a frame as text or number; None for bytes that are no text.

    Whole floats become integers, because that is what was typed into the sheet.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _EXACT_INTEGERS else value
    if isinstance(value, _SCALARS):
        return value
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _text_of(bytes(value))
    if isinstance(value, (dict, list, tuple, set)):
        return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    return str(value)


def _text_of(raw: bytes) -> str | None:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


@dataclass(slots=True)
class CellCutter:
    """Cuts values that are longer than ``limit`` characters, and counts them."""

    limit: int
    cut: int = 0

    def shorten(self, values: Sequence[object]) -> Sequence[object]:
        """The values, the long ones cut."""
        if not any(isinstance(value, str) and len(value) > self.limit for value in values):
            return values
        return [self._shorten(value) for value in values]

    def _shorten(self, value: object) -> object:
        if isinstance(value, str) and len(value) > self.limit:
            self.cut += 1
            return value[: self.limit]
        return value


def cut_problem(name: str, cutter: CellCutter) -> Problem:
    """That values of a resource were cut."""
    detail = f"{cutter.cut} values are longer than {cutter.limit} characters, only their beginning was looked at"
    return Problem(name, f"{detail}; raise cell_characters in the policy to read more", "values_cut")


@dataclass(slots=True)
class ColumnBuilder:
    """Turns rows of any lengths into batches; columns that the header does not name get a number.

    Attributes:
        header: the cells that name the columns, or None.
        most_columns: what lies beyond so many columns comes as one more column.
        cutter: cuts long values.
        columns: the columns so far.
    """

    header: Sequence[object] | None
    most_columns: int
    cutter: CellCutter
    columns: list[Column] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Name the columns of the header, so that they show even where no row follows."""
        self._widen(len(self.header or ()))

    def batch(self, rows: Sequence[Sequence[object]]) -> Batch:
        """The values of some rows, column by column."""
        widest = min(max(map(len, rows), default=0), self.most_columns)
        self._widen(widest)
        values: list[list[object]] = [[] for _ in self.columns]
        for width, group in _by_width(rows):
            if width > self.most_columns:
                overflow = [value for row in group for value in row[self.most_columns :]]
                self._overflow(values, overflow)
            for column, cells in zip(values[: self.most_columns], zip(*group, strict=False), strict=False):
                column.extend(cells)
        return Batch(tuple(self.columns), [self.cutter.shorten(column) for column in values], len(rows))

    def _widen(self, width: int) -> None:
        width = min(width, self.most_columns)
        if width > len(self.columns):
            self.columns = [Column(name) for name in column_names(self.header, width)]

    def _overflow(self, values: list[list[object]], cells: list[object]) -> None:
        if len(self.columns) == self.most_columns:
            self.columns.append(Column(f"column_{self.most_columns + 1}"))
            values.append([])
        values[self.most_columns].extend(cells)


def _by_width(rows: Sequence[Sequence[object]]) -> Iterable[tuple[int, Sequence[Sequence[object]]]]:
    """The rows in groups of one length, so that no short row is padded to the longest."""
    if len({len(row) for row in rows}) == 1:
        return [(len(rows[0]), rows)]
    groups: dict[int, list[Sequence[object]]] = defaultdict(list)
    for row in rows:
        groups[len(row)].append(row)
    return groups.items()
