"""Delivery with detection in it: where the two parts that do not know each other meet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo

from sqlalchemy.orm import Session

from collectors.delivery import Pipeline, Stages
from collectors.normalizers.chain import normalize
from detection import Match, Matcher, load_rules
from detection.alerts import Grouping, record_matches
from events import now_ms
from fengsui.output import say
from fengsui.settings import Settings
from store import EventStore
from store.records import RecordsDatabase


def build_pipeline(
    settings: Settings, store: EventStore, records: RecordsDatabase, zones: Mapping[str, tzinfo | None]
) -> Pipeline[list[Match]]:
    """The way from records to disk, with detection in it."""
    rule_set = load_rules(settings.detection.rules)
    for rule in rule_set.unsupported:
        say(f"rule not in force: {rule.path}:{rule.line}: {rule.reason}")
    grouping = Grouping()

    def record_alerts(session: Session, matches: list[Match]) -> None:
        record_matches(session, grouping.updates(matches), now_ms())

    return Pipeline(Stages(normalize, store, Matcher(rule_set).match, record_alerts), records, zones)
