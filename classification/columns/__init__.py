"""What a column holds, judged from its values, its name and what stands beside it."""

from classification.columns.finding import ColumnFinding, Evidence
from classification.columns.judge import ColumnJudge

__all__ = ["ColumnFinding", "ColumnJudge", "Evidence"]
