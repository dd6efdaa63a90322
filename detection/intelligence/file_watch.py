"""Compares events with indicators that were read from files, without a database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from detection.intelligence.comparing import Comparison, Sighting, Statement
from detection.intelligence.indicator_set import IndicatorSet
from detection.intelligence.policy import IntelligencePolicy, load_intelligence_policy
from detection.intelligence.reading import NewIndicator
from detection.intelligence.values import IndicatorType
from events import Event


class FileWatch:
    """Indicators in memory; what several sources say of a value counts once for each."""

    def __init__(self, indicators: Iterable[NewIndicator], policy: IntelligencePolicy | None = None) -> None:
        """Take the indicators in."""
        self._comparison = Comparison(policy or load_intelligence_policy())
        self._said: dict[tuple[IndicatorType, str], tuple[Statement, ...]] = {}
        alike: dict[tuple[Statement, ...], tuple[Statement, ...]] = {}  # of a million values most have the same said
        for each in indicators:
            statement = Statement(each.source, each.confidence, each.valid_from_ms, each.valid_until_ms)
            others = self._said.get((each.type, each.value), ())
            said = (*(other for other in others if other.source != each.source), statement)
            self._said[each.type, each.value] = alike.setdefault(said, said)
        self._set = IndicatorSet(1, self._said)

    def __len__(self) -> int:
        """How many values events are compared with."""
        return len(self._set)

    def match(self, events: Sequence[Event]) -> list[Sighting]:
        """The indicators seen in a batch of events, in the order of the events."""
        found = self._comparison.hits(events, self._set)
        self._set.trim()
        return list(self._comparison.sightings(events, found, self._statements_of))

    def _statements_of(self, kind: IndicatorType, value: str) -> tuple[Statement, ...]:
        said = self._said.get((kind, value), ())
        return tuple(sorted(said, key=lambda each: (-each.confidence, each.source)))
