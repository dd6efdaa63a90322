"""Matches of correlations become alert updates: one for each correlation, group and window of event time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from detection.alerts import AlertUpdate, GroupingPolicy, load_grouping_policy
from detection.alerts.grouping import alert_id_of
from detection.correlation.family import CorrelationMatch
from detection.rules.correlation_rule import CorrelationRule


class CorrelationGrouping:
    """Groups matches of correlations; the same matches give the same alerts in any batches.

    An alert's entities are the values grouped by, its events the contributing ones, each once.
    """

    def __init__(self, policy: GroupingPolicy | None = None) -> None:
        """Take the windows from the given policy, or the product's own."""
        self._windows = (policy or load_grouping_policy()).windows

    def updates(self, matches: Iterable[CorrelationMatch]) -> list[AlertUpdate]:
        """The alert updates of a batch of matches, one an alert."""
        alerts: dict[str, list[CorrelationMatch]] = {}
        for match in matches:
            if match.events:
                alerts.setdefault(self._alert_id(match), []).append(match)
        return [_update(alert_id, members) for alert_id, members in alerts.items()]

    def _alert_id(self, match: CorrelationMatch) -> str:
        rule = match.rule
        window_ms = rule.settings.window_ms or self._windows[rule.level]
        return alert_id_of(rule.id, window_ms, dict(zip(rule.group_by, match.key, strict=True)), match.time)


def _update(alert_id: str, members: Sequence[CorrelationMatch]) -> AlertUpdate:
    first = min(members, key=lambda match: match.time)
    rule = first.rule
    return AlertUpdate(
        alert_id=alert_id,
        rule_id=rule.id,
        rule_title=rule.title,
        level=rule.level.value,
        severity=rule.level.severity,
        tags=list(rule.tags),
        technique_ids=rule.technique_ids,
        dataset=first.dataset,
        entity=first.group,
        matched_fields=[_sample(rule, None, f"{float(first.metric):g}")]
        + [_sample(rule, name, value) for name, value in first.group.items()],
        events=list(dict.fromkeys(event for match in members for event in match.events)),
    )


def _sample(rule: CorrelationRule, field: str | None, value: str) -> dict[str, str | None]:
    return {"selection": rule.type.value, "field": field, "event_field": field, "value": value}
