"""Alerts: matches grouped by rule, entities and window of event time, with counts that replays can't change."""

from detection.alerts.grouping import Grouping, sample_of
from detection.alerts.models import Alert, AlertEntity, AlertEvent, AlertState, AlertTransition, Disposition
from detection.alerts.policy import GroupingPolicy, load_grouping_policy
from detection.alerts.recording import AlertChange, AlertUpdate, record_matches
from detection.alerts.repository import (
    AlertFilter,
    AlertPage,
    Cursor,
    HistogramBucket,
    SilencedChoice,
    alert_event_ids,
    alert_transitions,
    counts,
    get_alert,
    histogram,
    is_silenced,
    list_alerts,
    visible_alert,
)
from detection.alerts.triage import IllegalTransitionError, assign, transition

__all__ = [
    "Alert",
    "AlertChange",
    "AlertEntity",
    "AlertEvent",
    "AlertFilter",
    "AlertPage",
    "AlertState",
    "AlertTransition",
    "AlertUpdate",
    "Cursor",
    "Disposition",
    "Grouping",
    "GroupingPolicy",
    "HistogramBucket",
    "IllegalTransitionError",
    "SilencedChoice",
    "alert_event_ids",
    "alert_transitions",
    "assign",
    "counts",
    "get_alert",
    "histogram",
    "is_silenced",
    "list_alerts",
    "load_grouping_policy",
    "record_matches",
    "sample_of",
    "transition",
    "visible_alert",
]
