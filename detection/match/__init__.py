"""Matching: events against all rules at once, and the reasons of a match."""

from detection.match.explain import MatchedField, matched_fields
from detection.match.matcher import Match, Matcher

__all__ = ["Match", "MatchedField", "Matcher", "matched_fields"]
