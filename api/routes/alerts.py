"""``/alerts``: list, open, triage."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from api.access import Requires
from api.alert_documents import (
    AlertDocument,
    AlertEvents,
    AlertList,
    BulkResult,
    TransitionDocument,
    alert_document,
    transition_document,
)
from api.alert_events import load_alert, load_alert_events, load_alert_history
from api.alert_query import AlertQuery
from api.caller import Caller
from api.dependencies import ApiDependencies, Dependencies
from api.idempotency import IdempotentRoute
from api.problems import COMMON_RESPONSES
from api.rule_policies import policy_facts
from detection.alerts import Disposition
from incidents import Step, StepKind, triage, triage_many

router = APIRouter(prefix="/api/v1/alerts", tags=["alerts"], route_class=IdempotentRoute, responses=COMMON_RESPONSES)
Reader = Annotated[Caller, Depends(Requires("alerts:read"))]
Triager = Annotated[Caller, Depends(Requires("alerts:triage"))]
_MAXIMUM_EVENTS = 200


class Comment(BaseModel):
    """A step with words."""

    comment: str | None = None


class Closing(Comment):
    """Closing, with what the alert turned out to be."""

    disposition: Disposition


class Assignment(Comment):
    """To whom an alert is given; null for nobody."""

    assignee: str | None = Field(max_length=128)


class BulkStep(Comment):
    """One step with many alerts."""

    alert_ids: list[str] = Field(min_length=1)
    action: StepKind
    disposition: Disposition | None = None
    assignee: str | None = Field(None, max_length=128)


@router.get("")
def list_alerts(query: Annotated[AlertQuery, Query()], dependencies: Dependencies, caller: Reader) -> AlertList:
    """One page of the alerts, the most severe first."""
    page, cursor = query.page(dependencies, caller)
    policies = policy_facts(dependencies)
    return AlertList(alerts=[alert_document(alert, policies) for alert in page.alerts], next_cursor=cursor)


@router.post(":bulk")
def triage_alerts(body: BulkStep, dependencies: Dependencies, caller: Triager) -> BulkResult:
    """Take one step with many alerts; those that can't take it are named."""
    step = Step(body.action, body.comment, body.disposition, body.assignee)
    with dependencies.records.begin() as session:
        outcome = triage_many(session, body.alert_ids, step, caller.as_triager())
    return BulkResult(changed=outcome.changed, failed=outcome.failed)


@router.get("/{alert_id}")
def get_alert(alert_id: str, dependencies: Dependencies, caller: Reader) -> AlertDocument:
    """One alert."""
    return alert_document(load_alert(dependencies, alert_id, caller), policy_facts(dependencies))


@router.get("/{alert_id}/events")
def list_events(
    alert_id: str,
    dependencies: Dependencies,
    caller: Annotated[Caller, Depends(Requires("events:read"))],
    limit: Annotated[int, Query(ge=1, le=_MAXIMUM_EVENTS)] = 50,
    cursor: str | None = None,
) -> AlertEvents:
    """The events of an alert that the caller may see, oldest first."""
    load_alert(dependencies, alert_id, caller)
    page = load_alert_events(dependencies, alert_id, limit, cursor)
    return AlertEvents(events=page.events, missing=page.missing, next_cursor=page.next_cursor)


@router.get("/{alert_id}/transitions")
def list_transitions(alert_id: str, dependencies: Dependencies, caller: Reader) -> list[TransitionDocument]:
    """The history of an alert, oldest first; what analysts remark is left out for a unit's own people."""
    alert = load_alert(dependencies, alert_id, caller)
    return [transition_document(step) for step in load_alert_history(dependencies, alert, caller)]


@router.post("/{alert_id}:acknowledge")
def acknowledge(alert_id: str, body: Comment, dependencies: Dependencies, caller: Triager) -> AlertDocument:
    """Take an alert on; it becomes the caller's unless somebody has it."""
    return _triaged(dependencies, alert_id, Step(StepKind.ACKNOWLEDGE, body.comment), caller)


@router.post("/{alert_id}:close")
def close(alert_id: str, body: Closing, dependencies: Dependencies, caller: Triager) -> AlertDocument:
    """Close an alert with a disposition."""
    return _triaged(dependencies, alert_id, Step(StepKind.CLOSE, body.comment, body.disposition), caller)


@router.post("/{alert_id}:reopen")
def reopen(alert_id: str, body: Comment, dependencies: Dependencies, caller: Triager) -> AlertDocument:
    """Open a closed or acknowledged alert anew."""
    return _triaged(dependencies, alert_id, Step(StepKind.REOPEN, body.comment), caller)


@router.post("/{alert_id}:assign")
def assign(alert_id: str, body: Assignment, dependencies: Dependencies, caller: Triager) -> AlertDocument:
    """Give an alert to somebody, or to nobody."""
    step = Step(StepKind.ASSIGN, body.comment, assignee=body.assignee)
    return _triaged(dependencies, alert_id, step, caller)


@router.post("/{alert_id}:comment")
def comment(alert_id: str, body: Comment, dependencies: Dependencies, caller: Triager) -> AlertDocument:
    """Say something about an alert."""
    return _triaged(dependencies, alert_id, Step(StepKind.COMMENT, body.comment), caller)


def _triaged(dependencies: ApiDependencies, alert_id: str, step: Step, caller: Caller) -> AlertDocument:
    with dependencies.records.begin() as session:
        return alert_document(triage(session, alert_id, step, caller.as_triager()), policy_facts(dependencies))
