"""From rows as they stand in a file to batches of named columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from classification.sources.contract import Batch
from classification.sources.header import find_header
from classification.sources.policy import ReadingLimits
from classification.sources.values import CellCutter, ColumnBuilder

Cells = Sequence[object]


def batches_of(rows: Iterable[Sequence[Cells]], limits: ReadingLimits, cutter: CellCutter) -> Iterator[Batch]:
    """Batches of a table whose rows come in portions; its header is looked for among the first.

    What stands above the header is data too. A table of a header alone gives a batch without rows.
    """
    portions = iter(rows)
    first = _first_rows(portions, limits.header_rows)
    if not first:
        return
    index = find_header(first[: limits.header_rows])
    builder = ColumnBuilder(None if index is None else first[index], limits.columns, cutter)
    data = first if index is None else [*first[:index], *first[index + 1 :]]
    yield builder.batch(data[: limits.batch_rows])
    for portion in chain([data[limits.batch_rows :]], portions):
        for start in range(0, len(portion), limits.batch_rows):
            yield builder.batch(portion[start : start + limits.batch_rows])


def _first_rows(portions: Iterator[Sequence[Cells]], wanted: int) -> list[Cells]:
    rows: list[Cells] = []
    for portion in portions:
        rows.extend(portion)
        if len(rows) > wanted:
            break
    return rows
