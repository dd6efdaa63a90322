"""Events compared with a set of indicators: which value of which event is which indicator's, and who says so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from detection.intelligence.indicator_set import IndicatorSet
from detection.intelligence.policy import IntelligencePolicy
from detection.intelligence.values import IndicatorType
from events import Event, timestamp_ms

Hits: TypeAlias = defaultdict[tuple[int, IndicatorType, str], list[tuple[str, str]]]
"""(place of the event in its batch, type, indicator's value) to (field, value in the event)."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What one source says of a value, as far as a hit tells."""

    source: str
    confidence: int
    valid_from_ms: int | None
    valid_until_ms: int | None


@dataclass(frozen=True, slots=True)
class Sighting:
    """An indicator's value in an event: where, and what the sources say of it at the event's own time."""

    event: Event
    time_ms: int
    type: IndicatorType
    value: str
    statements: tuple[Statement, ...]
    fields: tuple[tuple[str, str], ...]
    """(field of the event, value in it)."""


StatementsOf: TypeAlias = Callable[[IndicatorType, str], tuple[Statement, ...]]
"""Gives what the sources say of a value of a type."""


class Comparison:
    """How events are compared, by a policy."""

    def __init__(self, policy: IntelligencePolicy) -> None:
        """Compare the fields that the policy names."""
        self._early = policy.early
        self._fields = [(kind, field) for kind, each in policy.types.items() for field in (*each.fields, *each.lists)]

    def hits(self, events: Sequence[Event], current: IndicatorSet) -> Hits:
        """The values of events that may be those of indicators."""
        columns = [(field, kind, current.known(kind)) for kind, field in self._fields if kind in current.types]
        found: Hits = defaultdict(list)
        if not columns:
            return found
        for place, event in enumerate(events):
            for field, kind, known in columns:
                value = event.get(field)
                if value is None:
                    continue
                for text in value if isinstance(value, list) else (value,):
                    if isinstance(text, str):
                        hits = known.get(text)
                        for hit in current.find(kind, text) if hits is None else hits:
                            found[place, kind, hit].append((field, text))
        return found

    def sightings(self, events: Sequence[Event], found: Hits, statements_of: StatementsOf) -> Iterator[Sighting]:
        """The hits of which some source says that they hold at the event's own time."""
        for (place, kind, value), fields in found.items():
            time = timestamp_ms(str(events[place]["@timestamp"]))
            valid = tuple(each for each in statements_of(kind, value) if self._is_valid(each, time))
            if valid:
                yield Sighting(events[place], time, kind, value, valid, tuple(dict.fromkeys(fields)))

    def _is_valid(self, statement: Statement, time: int) -> bool:
        start, end = statement.valid_from_ms, statement.valid_until_ms
        return (start is None or time >= start - self._early) and (end is None or time < end)
