"""The month through the whole path: normalized, enriched, judged, matched, correlated."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from benchmarks.flow_month.month import IDENTITY, Planted
from benchmarks.flow_month.violations import VIOLATIONS
from classification.masking import Fingerprints
from collectors.normalizers.chain import normalize
from collectors.normalizers.contract import SourceContext
from collectors.record import RecordBatch
from detection import Matcher, RuleSet
from detection.correlation import Correlator, episodes, for_whole_input, load_correlation_policy
from events import Event
from fengsui.flows import enricher_of
from registry import RegistryIndex

BATCH = 4_000
_KEY = b"the key of a month that never was"


@dataclass(slots=True)
class Outcome:
    """What was found.

    Attributes:
        missed: violations that no rule found which should: kind, and the day of its first record.
        false_alarms: rule and kind (None for what is right) of what was found and should not be.
        found: how many events each rule found.
        seconds: processor time by step.
    """

    missed: list[tuple[str, str]] = field(default_factory=list)
    false_alarms: list[tuple[str, str | None]] = field(default_factory=list)
    found: Counter[str] = field(default_factory=Counter)
    planted: int = 0
    flows: int = 0
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))


def run(planted: Sequence[Planted], index: RegistryIndex, rules: RuleSet) -> Outcome:
    """Run the month and hold what is found against what was planted."""
    outcome = Outcome()
    kinds = {
        each.event_id(position): (each.kind, str(each.written.moment.date())) for position, each in enumerate(planted)
    }
    silent = _silent(rules)
    hits: dict[str, set[str]] = defaultdict(set)
    for rule, event_ids in _matches(planted, index, rules, outcome):
        if rule in silent:
            continue
        outcome.found[rule] += len(event_ids)
        for id_ in event_ids:
            hits[id_].add(rule)
    _judge(kinds, hits, outcome)
    return outcome


def _silent(rules: RuleSet) -> set[str]:
    read = {each.id for correlation in rules.correlations for each in correlation.references}
    return {rule.path.stem for rule in rules.rules if rule.id in read}


def _matches(
    planted: Sequence[Planted], index: RegistryIndex, rules: RuleSet, outcome: Outcome
) -> Iterator[tuple[str, list[str]]]:
    enricher = enricher_of(lambda: index, Fingerprints(_KEY))
    matcher, correlator = Matcher(rules), Correlator(rules, for_whole_input(load_correlation_policy()))
    occurrences = []
    for start in range(0, len(planted), BATCH):
        events = _normalized(planted, start, outcome)
        begun = time.process_time()
        enricher.enrich(events)
        enricher.last_uses.account_for()
        outcome.seconds["enrich"] += time.process_time() - begun
        begun = time.process_time()
        matches = matcher.match(events)
        outcome.seconds["match"] += time.process_time() - begun
        begun = time.process_time()
        occurrences += correlator.observe([match for match in matches if correlator.reads(match.rule.id)])
        outcome.seconds["correlate"] += time.process_time() - begun
        outcome.flows += sum("fengsui.data.activity" in event for event in events)
        yield from ((match.rule.path.stem, [str(match.event["event.id"])]) for match in matches)
    for episode in episodes([*occurrences, *correlator.finish()]):
        yield episode.rule.path.stem, [id_ for id_, _ in episode.events]


def _normalized(planted: Sequence[Planted], start: int, outcome: Outcome) -> list[Event]:
    part = planted[start : start + BATCH]
    records = [each.record(start + number) for number, each in enumerate(part)]
    begun = time.process_time()
    batch = normalize(RecordBatch("month", IDENTITY, records, []), SourceContext("month", IDENTITY))
    outcome.seconds["normalize"] += time.process_time() - begun
    if batch.dead_letters:
        raise RuntimeError(f"{len(batch.dead_letters)} records are no events: {batch.dead_letters[0].detail}")
    return batch.events


def _judge(kinds: dict[str, tuple[str | None, str]], hits: dict[str, set[str]], outcome: Outcome) -> None:
    expected = {(kind, day) for kind, day in kinds.values() if kind is not None}
    outcome.planted = len(expected)
    for id_, (kind, day) in kinds.items():
        for rule in hits.get(id_, ()):
            violation = VIOLATIONS.get(kind or "")
            if violation is None or rule not in {violation.rule, *violation.beside}:
                outcome.false_alarms.append((rule, kind))
            elif rule == violation.rule:
                expected.discard((kind, day))
    outcome.missed = sorted((str(kind), day) for kind, day in expected)
