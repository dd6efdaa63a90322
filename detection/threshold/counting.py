"""Which matches of rules with a threshold belong to a group that has reached it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import structlog
from sqlalchemy.orm import Session

from detection.match import Match
from detection.rules.rule_types import Threshold
from detection.threshold import repository
from detection.threshold.groups import group_of
from detection.threshold.models import ThresholdWindow
from detection.threshold.policy import ThresholdPolicy, load_threshold_policy
from events import Event, timestamp_ms

_log = structlog.get_logger(__name__)


def only_over_threshold(
    session: Session, matches: Sequence[Match], now_ms: int, policy: ThresholdPolicy | None = None
) -> list[Match]:
    """The matches with those of rules with a threshold only where their group has reached it in its window.

    With the match that reaches it come all that waited for it, so the alert counts every one. What waits is in the
    records database and belongs to the caller's transaction. ``now_ms`` bounds what a clock that runs ahead may do.
    """
    policy = policy or load_threshold_policy()
    by_rule: dict[str, list[Match]] = defaultdict(list)
    for match in matches:
        if match.rule.settings.threshold is not None:
            by_rule[match.rule.id].append(match)
    passed = [match for match in matches if match.rule.settings.threshold is None]
    for rule_id, mine in by_rule.items():
        threshold = mine[0].rule.settings.threshold
        if threshold is not None:
            passed += _reaching(session, mine, threshold)
            newest = min(now_ms, max(_time(match.event) for match in mine))
            repository.drop_before(session, rule_id, newest - policy.kept - threshold.within_ms)
            forgotten = repository.drop_beyond(session, rule_id, policy.windows)
            if forgotten:
                _log.warning("windows of a threshold forgotten, too many", rule=rule_id, count=forgotten)
    return passed


def _reaching(session: Session, matches: Sequence[Match], threshold: Threshold) -> list[Match]:
    grouped: dict[tuple[str, int], dict[str, Match]] = defaultdict(dict)
    for match in matches:
        group = group_of(match.event, threshold)
        if group is not None:
            start = _time(match.event) // threshold.within_ms * threshold.within_ms
            grouped[group, start][str(match.event["event.id"])] = match
    found: list[Match] = []
    for key, window in repository.windows(session, matches[0].rule.id, grouped.keys()).items():
        found += _take(window, grouped[key], threshold.count)
    return found


def _take(window: ThresholdWindow, matches: dict[str, Match], count: int) -> list[Match]:
    """The matches of a window that alert now: none before the count is reached, then also those that waited."""
    if window.reached:
        return list(matches.values())
    waiting = {**window.waiting, **{event_id: match.event for event_id, match in matches.items()}}
    if len(waiting) < count:
        window.waiting = waiting
        return []
    window.reached, earlier, window.waiting = True, window.waiting, {}
    latest = next(iter(matches.values()))
    waited = [replace(latest, event=event) for event_id, event in earlier.items() if event_id not in matches]
    return [*waited, *matches.values()]


def _time(event: Event) -> int:
    return timestamp_ms(str(event["@timestamp"]))
