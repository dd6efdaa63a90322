"""What is said of an item."""

from __future__ import annotations

from enum import StrEnum


class Judgment(StrEnum):
    """符合, 部分符合, 不符合, 不适用, 未知 (GB/T 28448-2019 §5, and ours where there is no evidence)."""

    FULFILLED = "fulfilled"
    PARTLY = "partly"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"
