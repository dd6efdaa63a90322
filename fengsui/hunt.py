"""An offline hunt: single events, correlations over several, new terms, thresholds and indicators, as lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from detection import Match, Matcher, RuleSet
from detection.correlation import CorrelationMatch, Correlator, episodes, for_whole_input, load_correlation_policy
from detection.intelligence import FileWatch
from detection.whole_input import AlertingInInput, depends_on_others
from events import Event
from fengsui.hunt_lines import Line, episode_line, match_line, sighting_line
from fengsui.offline import FileBatch
from fengsui.output import as_lines


@dataclass(slots=True)
class Findings:
    """What was found in a part of the input.

    Attributes:
        files, events, dead_letters: what was read: the files, how many events, how many dead letters by reason.
        matches, lines: how many matches told by themselves, and their lines as NDJSON.
        pending: events, with their file, that matched what depends on other events too.
    """

    files: dict[str, None] = field(default_factory=dict)
    events: int = 0
    dead_letters: Counter[str] = field(default_factory=Counter)
    matches: int = 0
    lines: bytes = b""
    pending: list[tuple[str, Event]] = field(default_factory=list)

    def count(self, others: Findings) -> None:
        """Add what was found in the next part of the input, but for its lines."""
        self.files |= others.files
        self.events += others.events
        self.dead_letters += others.dead_letters
        self.matches += others.matches
        self.pending += others.pending


class Hunt:
    """Matches batches of files; the same is found in whatever order the files come.

    ``search`` finds what single events tell and remembers nothing; ``take`` follows in the order of the input with
    what depends on several: a threshold is told when it is reached, correlations and new terms at the end.
    """

    def __init__(self, rule_set: RuleSet, matcher: Matcher, watch: FileWatch | None = None) -> None:
        """Prepare with rules and their matcher, and with the indicators that events are compared with."""
        self._matcher = matcher
        self._watch = watch
        self._alerting: AlertingInInput[Line] = AlertingInInput()
        self._correlator = Correlator(rule_set, for_whole_input(load_correlation_policy()))
        self._files: dict[str, str] = {}
        self._found: list[CorrelationMatch] = []

    def search(self, batches: Iterable[FileBatch]) -> Iterator[Findings]:
        """What is found in each batch; rules that only feed correlations give no line."""
        for batch in batches:
            matches = self._matcher.match(batch.events)
            lines = [match_line(match, batch.file) for match in matches if self._is_told_at_once(match)]
            if self._watch:
                lines += [sighting_line(each, batch.file) for each in self._watch.match(batch.events)]
            pending = {id(match.event): match.event for match in matches if self._depends_on_others(match)}
            yield Findings(
                files=dict.fromkeys((batch.file,)),
                events=batch.size,
                dead_letters=Counter(letter.reason.value for letter in batch.dead_letters),
                matches=len(lines),
                lines=as_lines(lines),
                pending=[(batch.file, event) for event in pending.values()],
            )

    def take(self, findings: Findings) -> Iterator[Line]:
        """The lines that pending events bring now; what correlations are about is kept for the end."""
        files = {id(event): file for file, event in findings.pending}
        matches = self._matcher.match([event for _, event in findings.pending])
        correlated = [match for match in matches if self._correlator.reads(match.rule.id)]
        self._files.update((str(match.event["event.id"]), files[id(match.event)]) for match in correlated)
        self._found += self._correlator.observe(correlated)
        for match in matches:
            if depends_on_others(match.rule) and match.rule.id not in self._correlator.silent:
                file = files[id(match.event)]
                yield from self._alerting.take(match, match_line(match, file), file)

    def last_lines(self) -> Iterator[Line]:
        """One line a match that brought new terms, then one an episode of a correlation, in its last event's file."""
        yield from self._alerting.finish()
        for match in episodes([*self._found, *self._correlator.finish()]):
            last_id, _ = max(match.events, key=lambda each: each[1])
            yield episode_line(match, self._files[last_id])

    def _is_told_at_once(self, match: Match) -> bool:
        return match.rule.id not in self._correlator.silent and not depends_on_others(match.rule)

    def _depends_on_others(self, match: Match) -> bool:
        return self._correlator.reads(match.rule.id) or depends_on_others(match.rule)
