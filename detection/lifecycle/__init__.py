"""The life of rules: draft, test, on, retired; their versions; every change kept."""

from detection.lifecycle.models import RuleState, RuleStateChange, RuleVersion
from detection.lifecycle.policy import LifecyclePolicy, lifecycle_policy
from detection.lifecycle.repository import (
    count_changes,
    latest_versions,
    state_changes,
    switched_states,
    versions_of,
)
from detection.lifecycle.states import RuleSwitchError, state_of, states_of, switch
from detection.lifecycle.versions import note_removed, note_versions

__all__ = [
    "LifecyclePolicy",
    "RuleState",
    "RuleStateChange",
    "RuleSwitchError",
    "RuleVersion",
    "count_changes",
    "latest_versions",
    "lifecycle_policy",
    "note_removed",
    "note_versions",
    "state_changes",
    "state_of",
    "states_of",
    "switch",
    "switched_states",
    "versions_of",
]
