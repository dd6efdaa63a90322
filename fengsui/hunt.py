"""An offline hunt: single events and correlations over several, as lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from detection import Match, Matcher, RuleSet
from detection.correlation import (
    CorrelationMatch,
    Correlator,
    as_event,
    episodes,
    for_whole_input,
    load_correlation_policy,
)
from events import Event


class Hunt:
    """Matches batches of files; correlations are told at the end, in whatever order the files came."""

    def __init__(self, rule_set: RuleSet, matcher: Matcher) -> None:
        """Prepare with rules and their matcher."""
        self._matcher = matcher
        self._correlator = Correlator(rule_set, for_whole_input(load_correlation_policy()))
        self._files: dict[str, str] = {}
        self._found: list[CorrelationMatch] = []

    def lines(self, file: str, events: Sequence[Event]) -> Iterator[Mapping[str, object]]:
        """One line a match in a batch; rules that only feed correlations give none."""
        matches = self._matcher.match(events)
        correlated = [match for match in matches if self._correlator.reads(match.rule.id)]
        self._files.update((str(match.event["event.id"]), file) for match in correlated)
        self._found += self._correlator.observe(correlated)
        for match in matches:
            if match.rule.id not in self._correlator.silent:
                yield _line(match, str(match.event["@timestamp"]), file, match.event)

    def last_lines(self) -> Iterator[Mapping[str, object]]:
        """One line an episode of a correlation; its file is that of its last event."""
        for match in episodes([*self._found, *self._correlator.finish()]):
            event = as_event(match)
            last_id, _ = max(match.events, key=lambda each: each[1])
            yield _line(match, str(event["@timestamp"]), self._files[last_id], event)


def _line(match: Match | CorrelationMatch, time: str, file: str, event: Event) -> Mapping[str, object]:
    rule = match.rule
    return {
        "rule": {"id": rule.id, "title": rule.title, "level": rule.level},
        "time": time,
        "file": file,
        "event": event,
    }
