"""Tables in delimited text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from classification.sources.contract import Piece, Problem
from classification.sources.delimited_rows import RowReader
from classification.sources.encodings import TextReader
from classification.sources.policy import scan_policy
from classification.sources.table_rows import batches_of
from classification.sources.values import CellCutter, cut_problem


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
        yield from self._problems(text, rows, cutter)

    def _problems(self, text: TextReader, rows: RowReader, cutter: CellCutter) -> Iterator[Piece]:
        if text.damaged_lines:
            detail = f"{text.damaged_lines} lines are not in {self.encoding}; save the file in one encoding"
            yield Problem(self.name, detail, "lines_in_other_encoding")
        if rows.broken_quotes:
            detail = f"{rows.broken_quotes} quoted fields are never closed, their lines were split as they stand"
            yield Problem(self.name, f"{detail}; mend the quotes", "quotes_open")
        if cutter.cut:
            yield cut_problem(self.name, cutter)
