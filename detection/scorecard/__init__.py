"""Scorecards: what came of each rule's alerts, and whether to keep, tune or retire it."""

from detection.scorecard.policy import ScorecardPolicy, load_scorecard_policy
from detection.scorecard.scoring import Hint, NoisyEntity, Scorecard, scorecard_of, scorecards

__all__ = [
    "Hint",
    "NoisyEntity",
    "Scorecard",
    "ScorecardPolicy",
    "load_scorecard_policy",
    "scorecard_of",
    "scorecards",
]
