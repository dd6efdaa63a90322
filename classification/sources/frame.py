"""pandas DataFrames."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from classification.sources.contract import Batch, Column, Piece, Problem, Resource
from classification.sources.header import column_names
from classification.sources.policy import scan_policy
from classification.sources.values import CellCutter, cut_problem, plain_value

if TYPE_CHECKING:
    import pandas as pd  # half a second that only its users need


@dataclass(frozen=True, slots=True)
class FrameSource:
    """One DataFrame under a name."""

    frame: pd.DataFrame
    name: str = "frame"
    comment: str = ""

    def resources(self) -> Iterator[Resource | Problem]:
        """The frame itself."""
        yield self

    def read(self) -> Iterator[Piece]:
        """Its rows; several columns of one name are told apart by their numbers."""
        limits = scan_policy().limits
        cutter = CellCutter(limits.cell_characters)
        names = column_names([*self.frame.columns], self.frame.shape[1])
        types = [str(kind) for kind in self.frame.dtypes]
        columns = tuple(Column(name, type=kind) for name, kind in zip(names, types, strict=True))
        for start in range(0, max(len(self.frame), 1), limits.batch_rows):
            part = self.frame.iloc[start : start + limits.batch_rows]
            values = [cutter.shorten(_values(part.iloc[:, number])) for number in range(part.shape[1])]
            yield Batch(columns, values, len(part))
        if cutter.cut:
            yield cut_problem(self.name, cutter)


def _values(series: pd.Series[object]) -> list[object]:
    return [plain_value(value) for value in series[series.notna()].tolist()]
