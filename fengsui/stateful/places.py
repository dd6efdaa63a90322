"""Which partitions remember for a rule."""

from __future__ import annotations

import hashlib
from collections import defaultdict

from detection import Match, RuleSet
from detection.correlation import Correlator
from detection.correlation.family import Family
from detection.correlation.repository import family_key
from detection.rules import Rule
from detection.whole_input import depends_on_others


class Places:
    """Where the matches of a rule set's rules go."""

    def __init__(self, rule_set: RuleSet, partitions: int) -> None:
        """Look at all that the rules refer to."""
        correlator = Correlator(rule_set)
        self._silent = correlator.silent
        self._partitions: dict[str, set[int]] = defaultdict(set)
        for family in correlator.families:
            for rule_id in family.extractors:
                self._partitions[rule_id].add(place_of_family(family, partitions))
        for rule in rule_set.rules:
            if depends_on_others(rule):
                self._partitions[rule.id].add(place_of_rule(rule, partitions))

    def of(self, match: Match) -> set[int]:
        """The partitions that must hear of a match; mostly none."""
        return self._partitions.get(match.rule.id, set())

    def alerts_at_once(self, match: Match) -> bool:
        """Whether a match alerts by itself."""
        return not depends_on_others(match.rule) and self.alerts(match)

    def alerts(self, match: Match) -> bool:
        """Whether a match alerts other than through correlations."""
        return match.rule.id not in self._silent


def place_of_family(family: Family, partitions: int) -> int:
    """The partition that remembers for correlations chained to each other."""
    return _place(family_key(family), partitions)


def place_of_rule(rule: Rule, partitions: int) -> int:
    """The partition that remembers for a rule with new terms or a threshold."""
    return _place(rule.id, partitions)


def _place(key: str, partitions: int) -> int:
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big") % partitions
