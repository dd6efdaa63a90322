"""What a column holds, judged from its values, its name and what stands beside it."""

from classification.columns.finding import ColumnFinding, Evidence

__all__ = ["ColumnFinding", "Evidence"]
