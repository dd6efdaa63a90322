"""Registers out of CSV files and Excel workbooks: tried whole, told row by row, taken whole or not at all."""

from registry.importing.columns import ImportKind, columns_of
from registry.importing.importing import ImportReport, RowProblem, import_file
from registry.importing.results import RowResult, ValueChange
from registry.importing.trials import ImportTrial, drop_trial, keep_trial, kept_trial

__all__ = [
    "ImportKind",
    "ImportReport",
    "ImportTrial",
    "RowProblem",
    "RowResult",
    "ValueChange",
    "columns_of",
    "drop_trial",
    "import_file",
    "keep_trial",
    "kept_trial",
]
