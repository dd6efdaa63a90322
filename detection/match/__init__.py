"""Matching: events against all rules at once, and the reasons of a match."""

from detection.match.database import DatabaseCache, default_cache
from detection.match.explain import MatchedField, matched_fields
from detection.match.matcher import Match, Matcher
from detection.match.screen import Document

__all__ = ["DatabaseCache", "Document", "Match", "MatchedField", "Matcher", "default_cache", "matched_fields"]
