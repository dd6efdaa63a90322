"""JSON of any shape, and NDJSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ijson
import orjson

from classification.sources.contract import Piece, Problem
from classification.sources.encodings import TextReader
from classification.sources.errors import UnreadableError
from classification.sources.json_values import ANY_KEY, PathValues
from classification.sources.policy import ReadingLimits, scan_policy
from classification.sources.values import CellCutter, cut_problem

_VALUES_PER_ROW = 50
"""A batch ends after so many values for each of its rows, however large the documents are."""
_SCALARS = frozenset({"string", "number", "boolean", "null"})


@dataclass(frozen=True, slots=True)
class JsonFile:
    """A JSON document, several one after the other, or one a line; read whole in constant memory."""

    path: Path
    name: str
    encoding: str
    by_line: bool
    comment: str = ""

    def read(self) -> Iterator[Piece]:
        """The values of its field paths.

        Raises:
            UnreadableError: it can't be read to its end, or stops being JSON.
        """
        limits = scan_policy().limits
        cutter = CellCutter(limits.cell_characters)
        blocks = TextReader(self.path, self.encoding, limits.block_characters).blocks()
        values = PathValues(limits, cutter)
        yield from self._lines(blocks, values, limits) if self.by_line else self._tokens(blocks, values, limits)
        yield values.take()
        if cutter.cut:
            yield cut_problem(self.name, cutter)

    def _lines(self, blocks: Iterable[str], values: PathValues, limits: ReadingLimits) -> Iterator[Piece]:
        broken = 0
        for block in blocks:
            for line in block.split("\n"):
                if line.strip():
                    broken += not _add_line(line, values)
                if _is_full(values, limits):
                    yield values.take()
        if broken:
            yield Problem(self.name, f"{broken} lines are no JSON; write one document a line", "lines_no_json")

    def _tokens(self, blocks: Iterable[str], values: PathValues, limits: ReadingLimits) -> Iterator[Piece]:
        walk = _Walk(values, limits.nesting)
        try:
            for event, value in ijson.basic_parse(_Blocks(blocks), multiple_values=True, use_float=True):
                walk.take(event, value)
                if _is_full(values, limits):
                    yield values.take()
        except (ijson.JSONError, ValueError) as error:
            yield values.take()
            message = "it stops being JSON before its end; write it again"
            raise UnreadableError(message, "damaged") from error


def _add_line(line: str, values: PathValues) -> bool:
    try:
        values.add_document(orjson.loads(line))
    except orjson.JSONDecodeError:
        return False
    return True


def _is_full(values: PathValues, limits: ReadingLimits) -> bool:
    return values.documents >= limits.batch_rows or values.count >= limits.batch_rows * _VALUES_PER_ROW


class _Blocks:
    """Blocks of text as a stream of bytes."""

    def __init__(self, blocks: Iterable[str]) -> None:
        self._blocks = iter(blocks)
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        """The next bytes, none at the end."""
        while not self._rest and (block := next(self._blocks, None)) is not None:
            self._rest = block.encode("utf-8", "replace")
        cut = size if size >= 0 else len(self._rest)
        data, self._rest = self._rest[:cut], self._rest[cut:]
        return data


class _Walk:
    """Follows the tokens of a document with a stack of paths."""

    def __init__(self, values: PathValues, nesting: int) -> None:
        self._values = values
        self._nesting = nesting
        self._open: list[tuple[str, bool]] = []  # path of each open container, and whether it is an array
        self._path = ""

    def take(self, event: str, value: Any) -> None:  # noqa: ANN401 (a token's own value)
        """One token."""
        if event in _SCALARS:
            self._values.add(self._here(), value)
            self._count()
        elif event == "map_key":
            self._path = self._values.inner_path(self._open[-1][0], value)
        elif event in ("start_map", "start_array"):
            path = self._here() if len(self._open) < self._nesting else ANY_KEY
            self._open.append((path, event == "start_array"))
        else:
            _, is_array = self._open.pop()
            if self._open or not is_array:
                self._count()

    def _here(self) -> str:
        if not self._open:
            return ""
        path, is_array = self._open[-1]
        return f"{path}[]" if is_array else self._path

    def _count(self) -> None:
        """Count what people call records: documents, or the elements of a document that is an array."""
        if not self._open or (len(self._open) == 1 and self._open[0][1]):
            self._values.documents += 1
