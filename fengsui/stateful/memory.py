"""What one partition of the matches topic remembers: its correlations, and its rules with new terms or thresholds."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy.orm import Session

from detection import Match, RuleSet
from detection.alerts import AlertUpdate, Grouping
from detection.tuning import TunedCorrelations
from detection.whole_input import depends_on_others
from events import now_ms
from fengsui.detecting import of_rule_types
from fengsui.live_correlator import LiveCorrelator
from fengsui.stateful.places import Places, place_of_family, place_of_rule
from store.records import RecordsDatabase


class PartitionMemory:
    """Loaded from the records database when a worker is given the partition."""

    def __init__(self, rule_set: RuleSet, records: RecordsDatabase, place: tuple[int, int]) -> None:
        """Take up where the partition stood; ``place`` is its number and how many there are."""
        partition, partitions = place
        self._place = place
        self._places = Places(rule_set, partitions)
        self._grouping = Grouping()
        self._correlator = LiveCorrelator(
            rule_set, records, evaluates=lambda family: place_of_family(family, partitions) == partition
        )

    def tune(self, tuned: TunedCorrelations) -> None:
        """Follow what people say of correlations."""
        self._correlator.tune(tuned)

    def take(self, matches: Iterable[Match], clock: int) -> list[Match]:
        """Take in matches at a time of the clock; returns those that may alert by themselves."""
        found = list(matches)
        self._correlator.take(found, clock)
        return [match for match in found if self._remembers(match) and self._places.alerts(match)]

    def record(
        self, session: Session, alerting: list[Match], accountable: Callable[[AlertUpdate], AlertUpdate]
    ) -> list[AlertUpdate]:
        """Write what is remembered, in the transaction that takes its alert updates.

        ``accountable`` adds who answers for a correlation's alert, whose events are gone by.
        """
        updates = self._grouping.updates(of_rule_types(session, alerting))
        return [*updates, *map(accountable, self._correlator.record(session, now_ms()))]

    def _remembers(self, match: Match) -> bool:
        partition, partitions = self._place
        return depends_on_others(match.rule) and place_of_rule(match.rule, partitions) == partition
