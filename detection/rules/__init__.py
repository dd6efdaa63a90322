"""Sigma rules: read from YAML, understood in full or reported with file, line and reason."""

from detection.rules.described import DescribedRule, Level
from detection.rules.errors import RuleError
from detection.rules.gathering import put_together, read_files, rule_files
from detection.rules.policy_facts import AccountableParty, PolicyFacts
from detection.rules.reading import FileReading
from detection.rules.reading_cache import ReadingCache, default_reading_cache
from detection.rules.rule import Detection, LogSource, Rule, UnsupportedRule
from detection.rules.rule_set import RuleSet

__all__ = [
    "AccountableParty",
    "DescribedRule",
    "Detection",
    "FileReading",
    "Level",
    "LogSource",
    "PolicyFacts",
    "ReadingCache",
    "Rule",
    "RuleError",
    "RuleSet",
    "UnsupportedRule",
    "default_reading_cache",
    "put_together",
    "read_files",
    "rule_files",
]
