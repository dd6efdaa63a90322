"""Sigma rules: read from YAML, understood in full or reported with file, line and reason."""

from detection.rules.errors import RuleError
from detection.rules.reading import read_rules, rule_files
from detection.rules.rule import Level, LogSource, Rule, RuleSet, UnsupportedRule

__all__ = ["Level", "LogSource", "Rule", "RuleError", "RuleSet", "UnsupportedRule", "read_rules", "rule_files"]
