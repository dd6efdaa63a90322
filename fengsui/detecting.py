"""Delivery with detection in it: where the two parts that do not know each other meet."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from collectors.delivery import Pipeline, Stages
from collectors.normalizers.chain import normalize
from detection import Match, Matcher, RuleSet, load_rules
from detection.alerts import AlertUpdate, Grouping, record_matches
from detection.first_seen import only_first_seen
from detection.following import FollowedRules
from detection.intelligence import IndicatorWatch, Sighting, SightingAlerts
from detection.match import default_cache
from detection.rules import default_reading_cache
from detection.threshold import only_over_threshold
from detection.tuning import TunedMatches, record_withheld, silence_alerts
from events import Event, now_ms
from fengsui.live_correlator import Correlations
from fengsui.live_matcher import LiveMatcher, note_rules
from fengsui.output import say
from fengsui.settings import Settings
from store import EventStore
from store.records import RecordsDatabase

if TYPE_CHECKING:
    from fengsui.flows import LiveFlows

_GARBAGE_THRESHOLD = 100_000
"""Objects made between two looks for cycles. Events are made and dropped by the batch and hold none."""


@dataclass(frozen=True, slots=True)
class Detected:
    """What detection found in a batch of events."""

    matches: TunedMatches
    sightings: list[Sighting]


@dataclass(frozen=True, slots=True)
class Detectors:
    """All that events are looked at by; each part follows what people change.

    Attributes:
        rules: the files that the matcher's rules stand in, where it is to follow them.
    """

    matcher: LiveMatcher
    watch: IndicatorWatch
    rules: FollowedRules | None = None

    def detect(self, events: Sequence[Event]) -> Detected:
        """What is found in a batch; one thread at a time."""
        return Detected(self.matcher.match(events), self.watch.match(events))

    def refresh(self) -> None:
        """Take over what people changed since."""
        self.matcher.refresh()
        self.watch.refresh()


def load_matcher(folders: Iterable[Path]) -> tuple[RuleSet, Matcher]:
    """The rules of the folders, and a matcher of them all; says which rules are not in force."""
    gc.disable()  # nothing of what is loaded is garbage
    try:
        rule_set = load_rules(folders, cache=default_reading_cache())
        matcher = Matcher(rule_set, databases=default_cache())
    finally:
        gc.enable()
    _settle(rule_set)
    return rule_set, matcher


def load_detectors(
    settings: Settings, records: RecordsDatabase, correlate: Callable[[RuleSet], Correlations] | None = None
) -> Detectors:
    """The rules and indicators that are in force, following changes; new versions of rules are noted."""
    rules = FollowedRules(settings.detection.rules, reading_cache=default_reading_cache())
    with records.begin() as session:
        note_rules(session, rules.rule_set)
    matcher = LiveMatcher(rules.rule_set, records, correlate=correlate)
    _settle(rules.rule_set)
    return Detectors(matcher, IndicatorWatch(records), rules)


def build_pipeline(
    detectors: Detectors,
    store: EventStore,
    records: RecordsDatabase,
    zones: Mapping[str, tzinfo | None],
    flows: LiveFlows | None = None,
) -> Pipeline[Detected]:
    """The way from records to disk, with the registry and detection in it; without ``flows`` none are made."""
    grouping = Grouping()
    sighting_alerts = SightingAlerts(grouping)

    def record_alerts(session: Session, found: Detected) -> None:
        correlator = detectors.matcher.correlator
        updates = grouping.updates(of_rule_types(session, correlator.alerting(found.matches.raised)))
        correlated = correlator.record(session, now_ms())
        updates += [flows.accountable(each) for each in correlated] if flows is not None else correlated
        record_updates(session, updates + sighting_alerts.updates(found.sightings))
        record_withheld(session, found.matches.withheld)
        if flows is not None:
            flows.record(session)

    stages = Stages(normalize, store, detectors.detect, record_alerts)
    return Pipeline(flows.within(stages) if flows is not None else stages, records, zones)


def of_rule_types(session: Session, matches: Sequence[Match]) -> list[Match]:
    """Of rules with new terms or a threshold, only the matches that alert; what they remember is written."""
    now = now_ms()
    return only_over_threshold(session, only_first_seen(session, matches, now), now)


def record_updates(session: Session, updates: Sequence[AlertUpdate]) -> None:
    """Write alert updates, in one order everywhere so that processes wait for each other, and silence what is to be."""
    now = now_ms()
    changes = record_matches(session, sorted(updates, key=attrgetter("alert_id")), now)
    silence_alerts(session, [each.alert_id for each in changes if each.created or each.reopened], now)


def _settle(rule_set: RuleSet) -> None:
    """What is loaded stays for good: tell the garbage collector, and people what is not in force."""
    gc.freeze()
    gc.set_threshold(_GARBAGE_THRESHOLD)
    for rule in rule_set.unsupported:
        say(f"rule not in force: {rule.path}:{rule.line}: {rule.id or 'no id'}: {rule.reason}")
