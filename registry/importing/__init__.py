"""Registers out of CSV files and Excel workbooks: tried whole, told row by row, taken whole or not at all."""

from registry.importing.columns import ImportKind, columns_of
from registry.importing.importing import ImportReport, RowProblem, import_file

__all__ = ["ImportKind", "ImportReport", "RowProblem", "columns_of", "import_file"]
