"""Alerts as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from api.moments import Moment
from detection.alerts import Alert, AlertTransition
from detection.rules import PolicyFacts


class AlertDocument(BaseModel):
    """An alert; ``severity`` is 0 (informational) to 4 (critical), ``first_seen`` and ``last_seen`` are event times.

    ``unit_id`` answers for it; null, as ``system_id`` is, where its events have several or none that is registered.
    ``policy`` is what the rule says now of requirements, the accountable party and the suggested playbook.
    """

    id: str
    rule_id: str
    rule_title: str
    level: str
    severity: int
    tags: list[str]
    technique_ids: list[str]
    dataset: str
    entity: dict[str, str]
    unit_id: str | None
    system_id: str | None
    first_seen: Moment
    last_seen: Moment
    created: Moment
    updated: Moment
    count: int
    state: str
    disposition: str | None
    assignee: str | None
    matched_fields: list[dict[str, Any]]
    silence_id: str | None
    silenced_until: Moment | None
    policy: PolicyFacts | None = None


class AlertList(BaseModel):
    """A page of alerts."""

    alerts: list[AlertDocument]
    next_cursor: str | None


class TransitionDocument(BaseModel):
    """One step in an alert's history; a comment is a step that changes no state."""

    at: Moment
    from_state: str
    to_state: str
    actor: str
    reason: str | None
    disposition: str | None
    assignee: str | None


class AlertEvents(BaseModel):
    """A page of an alert's events, oldest first; ``missing`` names those that the event store no longer holds."""

    events: list[dict[str, Any]]
    missing: list[str]
    next_cursor: str | None


class BulkResult(BaseModel):
    """What a step did to many alerts; ``failed`` says why, by alert."""

    changed: list[str]
    failed: dict[str, str]


def alert_document(alert: Alert, policies: Mapping[str, PolicyFacts]) -> AlertDocument:
    """The document of an alert, with what policy says of its rule, by rule id."""
    document = AlertDocument.model_validate(alert, from_attributes=True)
    document.policy = policies.get(alert.rule_id)
    return document


def transition_document(step: AlertTransition) -> TransitionDocument:
    """The document of a step."""
    return TransitionDocument.model_validate(step, from_attributes=True)
