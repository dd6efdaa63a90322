"""Sightings become alert updates: one for each indicator's value, entities and window of the events' own time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from detection.alerts.accountability import accountable_unit, common_system
from detection.alerts.grouping import LONGEST_SAMPLE_VALUE, Grouping, alert_id_of
from detection.alerts.recording import AlertUpdate
from detection.intelligence.policy import IntelligencePolicy, load_intelligence_policy, rule_id_of
from detection.intelligence.repository import INDICATOR_ENTITY
from detection.intelligence.watch import Sighting


class SightingAlerts:
    """Groups sightings; the same sightings give the same alerts in any order and any batches."""

    def __init__(self, grouping: Grouping | None = None, policy: IntelligencePolicy | None = None) -> None:
        """Entities by the grouping policy; titles, levels and window by that of threat intelligence."""
        self._grouping = grouping or Grouping()
        self._policy = policy or load_intelligence_policy()

    def updates(self, sightings: Iterable[Sighting]) -> list[AlertUpdate]:
        """The alert updates of a batch of sightings, one an alert."""
        groups: dict[str, list[Sighting]] = defaultdict(list)
        for each in sightings:
            alert_id = alert_id_of(rule_id_of(each.type), self._policy.window, self._entity(each), each.time_ms)
            groups[alert_id].append(each)
        return [self._update(alert_id, members) for alert_id, members in groups.items()]

    def _entity(self, sighting: Sighting) -> dict[str, str]:
        return self._grouping.entity_of(sighting.event) | {INDICATOR_ENTITY: sighting.value}

    def _update(self, alert_id: str, members: Sequence[Sighting]) -> AlertUpdate:
        first = min(members, key=_by_time)
        kind = self._policy.types[first.type]
        level = self._policy.level_of(max(said.confidence for each in members for said in each.statements))
        return AlertUpdate(
            alert_id=alert_id,
            rule_id=rule_id_of(first.type),
            rule_title=kind.title,
            level=level.value,
            severity=level.severity,
            tags=list(kind.tags),
            technique_ids=[],
            dataset=str(first.event.get("event.dataset", "")),
            entity=self._entity(first),
            matched_fields=_matched_fields(first),
            events=list({str(each.event["event.id"]): _event(each) for each in members}.values()),
            unit_id=accountable_unit(each.event for each in members),
            system_id=common_system(each.event for each in members),
        )


def _by_time(sighting: Sighting) -> tuple[int, str]:
    return sighting.time_ms, str(sighting.event["event.id"])


def _event(sighting: Sighting) -> tuple[str, int]:
    return str(sighting.event["event.id"]), sighting.time_ms


def _matched_fields(sighting: Sighting) -> list[dict[str, str | None]]:
    """Which field held which indicator, with each source that names it and how sure it is (0 to 100)."""
    return [
        {
            "selection": f"{said.source} ({said.confidence})",
            "field": f"{sighting.type}: {sighting.value}"[:LONGEST_SAMPLE_VALUE],
            "event_field": field,
            "value": value[:LONGEST_SAMPLE_VALUE],
        }
        for said in sighting.statements
        for field, value in sighting.fields
    ]
