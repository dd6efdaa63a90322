"""Tables in delimited text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from classification.sources.contract import Piece, Problem
from classification.sources.delimited_rows import RowReader
from classification.sources.encodings import TextReader
from classification.sources.policy import ReadingLimits, scan_policy
from classification.sources.table_rows import batches_of
from classification.sources.values import CellCutter


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file of delimited rows in any encoding, read whole in constant memory."""

    path: Path
    name: str
    encoding: str
    delimiter: str
    comment: str = ""

    def read(self) -> Iterator[Piece]:
        """Its rows.

        Raises:
            UnreadableError: it can't be read to its end.
        """
        limits = scan_policy().limits
        text = TextReader(self.path, self.encoding, limits.block_characters)
        rows = RowReader(self.delimiter, limits.row_characters)
        cutter = CellCutter(limits.cell_characters)
        yield from batches_of(rows.rows(text.blocks()), limits, cutter)
        yield from self._problems(text, rows, cutter, limits)

    def _problems(
        self, text: TextReader, rows: RowReader, cutter: CellCutter, limits: ReadingLimits
    ) -> Iterator[Piece]:
        if text.damaged_lines:
            detail = f"{text.damaged_lines} lines are not in {self.encoding}; save the file in one encoding"
            yield Problem(self.name, detail)
        if rows.broken_quotes:
            detail = f"{rows.broken_quotes} quoted fields are never closed, their lines were split as they stand"
            yield Problem(self.name, f"{detail}; mend the quotes")
        if cutter.cut:
            yield cut_problem(self.name, cutter.cut, limits)


def cut_problem(name: str, cut: int, limits: ReadingLimits) -> Problem:
    """That values were cut."""
    detail = f"{cut} values are longer than {limits.cell_characters} characters, only their beginning was looked at"
    return Problem(name, f"{detail}; raise limits.cell_characters in the policy to read more")
