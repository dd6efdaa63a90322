"""Coverage: for each ATT&CK technique whether a rule is on, whether its telemetry is seen, and when it last fired."""

from detection.coverage.matrix import Coverage, CoverageState, RuleCoverage, TechniqueCoverage, coverage_of
from detection.coverage.measurement import measure_coverage
from detection.coverage.navigator import navigator_layer
from detection.coverage.policy import CoveragePolicy, load_coverage_policy

__all__ = [
    "Coverage",
    "CoveragePolicy",
    "CoverageState",
    "RuleCoverage",
    "TechniqueCoverage",
    "coverage_of",
    "load_coverage_policy",
    "measure_coverage",
    "navigator_layer",
]
