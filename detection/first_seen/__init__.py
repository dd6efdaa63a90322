"""New terms: rules that alert on combinations of values that were not seen before (``fengsui: {new_terms: …}``).

A stage between matching and grouping. Whether an event is new depends only on events that are older by more than the
settling time, so its alert neither waits nor depends on the order in which events arrive within that time.
"""

from detection.first_seen.judging import only_first_seen
from detection.first_seen.models import FirstSeenRule, SeenCombination
from detection.first_seen.policy import FirstSeenPolicy, load_first_seen_policy
from detection.first_seen.repository import forget_rules
from detection.first_seen.whole_input import FirstSeenInInput

__all__ = [
    "FirstSeenInInput",
    "FirstSeenPolicy",
    "FirstSeenRule",
    "SeenCombination",
    "forget_rules",
    "load_first_seen_policy",
    "only_first_seen",
]
