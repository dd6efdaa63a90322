"""Correlation: Sigma's rules over several events, in windows of the events' own time.

Documents become correlations (``resolution``), matches become items (``extraction``), items are put into the order
of time (``family``) and measured in sliding windows (``trailing``, ``forward``). What is held is bounded by the
policy; what is left out for that is counted and told (``tally``).
"""

from detection.correlation.correlator import Correlator
from detection.correlation.episodes import as_event, episodes
from detection.correlation.family import CorrelationMatch
from detection.correlation.policy import CorrelationPolicy, for_whole_input, load_correlation_policy
from detection.correlation.resolution import resolve_correlations, silent_rules
from detection.rules.correlation_rule import CorrelationRule, CorrelationType

__all__ = [
    "CorrelationMatch",
    "CorrelationPolicy",
    "CorrelationRule",
    "CorrelationType",
    "Correlator",
    "as_event",
    "episodes",
    "for_whole_input",
    "load_correlation_policy",
    "resolve_correlations",
    "silent_rules",
]
