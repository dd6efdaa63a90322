"""Plain text and logs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from classification.sources.contract import Piece, Problem, TextBlock
from classification.sources.encodings import TextReader
from classification.sources.policy import scan_policy


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file without columns, read whole in constant memory."""

    path: Path
    name: str
    encoding: str
    comment: str = ""

    def read(self) -> Iterator[Piece]:
        """Its text.

        Raises:
            UnreadableError: it can't be read to its end.
        """
        text = TextReader(self.path, self.encoding, scan_policy().limits.block_characters)
        for block in text.blocks():
            yield TextBlock(block, block.count("\n") + (not block.endswith("\n")))
        if text.damaged_lines:
            detail = f"{text.damaged_lines} lines are not in {self.encoding}; save the file in one encoding"
            yield Problem(self.name, detail, "lines_in_other_encoding")
