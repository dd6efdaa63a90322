"""Matches of a batch become alert updates: one for each rule, entities and window of the events' own time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from detection.alerts.accountability import accountable_unit, common_system
from detection.alerts.policy import GroupingPolicy, load_grouping_policy
from detection.alerts.recording import AlertUpdate
from detection.match import Match, matched_fields
from detection.match.text import text_of
from detection.rules import Rule
from events import Event, timestamp_ms, values_of

LONGEST_SAMPLE_VALUE = 512
_DIGEST_BYTES = 16


class Grouping:
    """Groups matches by the policy; the same matches give the same alerts in any order and any batches."""

    def __init__(self, policy: GroupingPolicy | None = None) -> None:
        """Group by the given policy, or the product's own."""
        self._policy = policy or load_grouping_policy()
        self._entities = lru_cache(maxsize=1024)(self._policy.entities)

    def updates(self, matches: Iterable[Match]) -> list[AlertUpdate]:
        """The alert updates of a batch of matches, one an alert."""
        groups: dict[str, list[tuple[int, str, Match]]] = {}
        for match in matches:
            time = timestamp_ms(str(match.event["@timestamp"]))
            alert_id = alert_id_of(match.rule.id, self._window(match.rule), self.entity(match), time)
            groups.setdefault(alert_id, []).append((time, str(match.event["event.id"]), match))
        return [self._update(alert_id, members) for alert_id, members in groups.items()]

    def entity(self, match: Match) -> dict[str, str]:
        """The entity fields of a match with their values; fields that the event does not have are left out."""
        return self.entity_of(match.event, match.rule.settings.entities)

    def entity_of(self, event: Event, names: Sequence[str] | None = None) -> dict[str, str]:
        """The entity fields of an event with their values; by the policy where no names are given."""
        names = names or self._entities(str(event.get("event.dataset", "")))
        return _values(event, names) or _values(event, self._policy.default)

    def _window(self, rule: Rule) -> int:
        return rule.settings.window_ms or self._policy.windows[rule.level]

    def _update(self, alert_id: str, members: Sequence[tuple[int, str, Match]]) -> AlertUpdate:
        _, _, first = min(members, key=lambda member: member[:2])
        rule, events, policy = first.rule, [match.event for _, _, match in members], first.rule.settings.policy
        return AlertUpdate(
            alert_id=alert_id,
            rule_id=rule.id,
            rule_title=rule.title,
            level=rule.level.value,
            severity=rule.level.severity,
            tags=list(rule.tags),
            technique_ids=rule.technique_ids,
            dataset=str(first.event.get("event.dataset", "")),
            entity=self.entity(first),
            matched_fields=sample_of(first),
            events=list({event_id: (event_id, time) for time, event_id, _ in members}.values()),
            unit_id=accountable_unit(events, policy.accountable if policy else None),
            system_id=common_system(events),
        )


def alert_id_of(rule_id: str, window_ms: int, entity: Mapping[str, str], time_ms: int) -> str:
    """The id of the alert that covers a rule's matches on these entities in the window that holds a moment."""
    parts = [rule_id, str(window_ms), str(time_ms // window_ms), *(text for item in entity.items() for text in item)]
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(4, "big") + data)
    return digest.hexdigest()


def sample_of(match: Match) -> list[dict[str, str | None]]:
    """The matched fields of a match as an alert keeps them, values cut at ``LONGEST_SAMPLE_VALUE`` characters."""
    return [
        {
            "selection": each.selection,
            "field": each.field,
            "event_field": each.event_field,
            "value": None if each.value is None else _joined([each.value])[:LONGEST_SAMPLE_VALUE],
        }
        for each in matched_fields(match)
    ]


def _values(event: Event, names: Iterable[str]) -> dict[str, str]:
    found = {name: _joined(values_of(event[name])) for name in names if event.get(name) is not None}
    return {name: value for name, value in found.items() if value}


def _joined(values: Iterable[object]) -> str:
    """One text for a field's values, the same whatever their order."""
    return ", ".join(sorted({text_of(value) for value in values if isinstance(value, str | int | float)}))
