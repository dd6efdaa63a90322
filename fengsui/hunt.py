"""An offline hunt: single events, correlations over several, new terms, thresholds and indicators, as lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from detection import Match, Matcher, RuleSet
from detection.correlation import (
    CorrelationMatch,
    Correlator,
    as_event,
    episodes,
    for_whole_input,
    load_correlation_policy,
)
from detection.first_seen import FirstSeenInInput
from detection.intelligence import FileWatch, Sighting, load_intelligence_policy, rule_id_of
from detection.threshold import ThresholdsInInput
from events import Event

Line: TypeAlias = Mapping[str, object]


class Hunt:
    """Matches batches of files; the same is found in whatever order the files come.

    What depends on more than one event (correlations, new terms) is told at the end, a threshold when it is reached.
    """

    def __init__(self, rule_set: RuleSet, matcher: Matcher, watch: FileWatch | None = None) -> None:
        """Prepare with rules and their matcher, and with the indicators that events are compared with."""
        self._matcher = matcher
        self._watch = watch
        self._first_seen: FirstSeenInInput[Line] = FirstSeenInInput()
        self._thresholds: ThresholdsInInput[Line] = ThresholdsInInput()
        self._correlator = Correlator(rule_set, for_whole_input(load_correlation_policy()))
        self._files: dict[str, str] = {}
        self._found: list[CorrelationMatch] = []

    def lines(self, file: str, events: Sequence[Event]) -> Iterator[Line]:
        """One line a match in a batch; rules that only feed correlations give none, those with types what alerts."""
        matches = self._matcher.match(events)
        correlated = [match for match in matches if self._correlator.reads(match.rule.id)]
        self._files.update((str(match.event["event.id"]), file) for match in correlated)
        self._found += self._correlator.observe(correlated)
        for match in matches:
            if match.rule.id not in self._correlator.silent:
                yield from self._alerting(match, file)
        for sighting in self._watch.match(events) if self._watch else ():
            yield _sighting_line(sighting, file)

    def _alerting(self, match: Match, file: str) -> Iterator[Line]:
        """The lines that a match brings: of most rules its own."""
        settings = match.rule.settings
        line = _line(match, str(match.event["@timestamp"]), file, match.event)
        if settings.new_terms is not None:
            self._first_seen.take(match.rule, match.event, file, line)
        elif settings.threshold is not None:
            yield from self._thresholds.take(match.rule, match.event, line)
        else:
            yield line

    def last_lines(self) -> Iterator[Line]:
        """One line a match that brought new terms, then one an episode of a correlation, in its last event's file."""
        yield from self._first_seen.finish()
        for match in episodes([*self._found, *self._correlator.finish()]):
            event = as_event(match)
            last_id, _ = max(match.events, key=lambda each: each[1])
            yield _line(match, str(event["@timestamp"]), self._files[last_id], event)


def _sighting_line(sighting: Sighting, file: str) -> Line:
    """An indicator in an event: as a rule of its type, with what the event has of it (ECS 9, "threat")."""
    policy = load_intelligence_policy()
    confidence = max(said.confidence for said in sighting.statements)
    found: Event = {
        **sighting.event,
        "threat.indicator.name": sighting.value,
        "threat.indicator.provider": [said.source for said in sighting.statements],
    }
    return {
        "rule": {
            "id": rule_id_of(sighting.type),
            "title": policy.types[sighting.type].title,
            "level": policy.level_of(confidence),
        },
        "time": str(sighting.event["@timestamp"]),
        "file": file,
        "event": found,
    }


def _line(match: Match | CorrelationMatch, time: str, file: str, event: Event) -> Line:
    rule = match.rule
    return {
        "rule": {"id": rule.id, "title": rule.title, "level": rule.level},
        "time": time,
        "file": file,
        "event": event,
    }
