"""Thresholds: rules that alert only on many matches of a group (``fengsui: {threshold: …}``).

A stage between matching and grouping: once for each group and window of the clock, with exact counts.
"""

from detection.threshold.counting import only_over_threshold
from detection.threshold.models import ThresholdWindow
from detection.threshold.policy import ThresholdPolicy, load_threshold_policy
from detection.threshold.repository import forget_rules
from detection.threshold.whole_input import ThresholdsInInput

__all__ = [
    "ThresholdPolicy",
    "ThresholdWindow",
    "ThresholdsInInput",
    "forget_rules",
    "load_threshold_policy",
    "only_over_threshold",
]
