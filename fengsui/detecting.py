"""Delivery with detection in it: where the two parts that do not know each other meet."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Mapping
from datetime import tzinfo
from pathlib import Path

from sqlalchemy.orm import Session

from collectors.delivery import Pipeline, Stages
from collectors.normalizers.chain import normalize
from detection import Match, Matcher, RuleSet, load_rules
from detection.alerts import Grouping, record_matches
from events import now_ms
from fengsui.output import say
from fengsui.settings import Settings
from store import EventStore
from store.records import RecordsDatabase

_GARBAGE_THRESHOLD = 100_000
"""Objects made between two looks for cycles. Events are made and dropped by the batch and hold none."""


def load_matcher(folders: Iterable[Path]) -> tuple[RuleSet, Matcher]:
    """The rules of the folders, and their matcher; says which rules are not in force.

    What is loaded stays for good, so the garbage collector is told not to look at it again.
    """
    rule_set = load_rules(folders)
    matcher = Matcher(rule_set)
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GARBAGE_THRESHOLD)
    for rule in rule_set.unsupported:
        say(f"rule not in force: {rule.path}:{rule.line}: {rule.id or 'no id'}: {rule.reason}")
    return rule_set, matcher


def build_pipeline(
    settings: Settings, store: EventStore, records: RecordsDatabase, zones: Mapping[str, tzinfo | None]
) -> Pipeline[list[Match]]:
    """The way from records to disk, with detection in it."""
    _, matcher = load_matcher(settings.detection.rules)
    grouping = Grouping()

    def record_alerts(session: Session, matches: list[Match]) -> None:
        record_matches(session, grouping.updates(matches), now_ms())

    return Pipeline(Stages(normalize, store, matcher.match, record_alerts), records, zones)
