"""Detection: Sigma rules loaded and compiled, matched against events, and their matches grouped into alerts."""

from detection.errors import DetectionError
from detection.loading import load_rules
from detection.match import Match, MatchedField, Matcher, matched_fields
from detection.rules import Level, LogSource, Rule, RuleSet, UnsupportedRule

__all__ = [
    "DetectionError",
    "Level",
    "LogSource",
    "Match",
    "MatchedField",
    "Matcher",
    "Rule",
    "RuleSet",
    "UnsupportedRule",
    "load_rules",
    "matched_fields",
]
