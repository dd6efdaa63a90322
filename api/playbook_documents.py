"""Playbooks, runs, approvals and webhooks as the API shows them; nothing in them is a secret."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from api.moments import Moment

Variables = dict[str, str | None]


class PlaybookText(BaseModel):
    """A playbook as JSON or YAML."""

    text: str = Field(max_length=1_000_000)


class PlaceProblem(BaseModel):
    """What is wrong at one place of a playbook."""

    place: str
    reason: str


class Verdict(BaseModel):
    """Whether a text is a playbook that can be run, and if not, every place and reason."""

    valid: bool
    problems: list[PlaceProblem]


class PlaybookDocument(BaseModel):
    """A playbook in its present version."""

    id: str
    name: str
    description: str
    source: Literal["shipped", "added"]
    modified: str
    digest: str
    revoked: bool
    labels: list[str]
    steps: int
    external_variables: dict[str, str]


class PlaybookDetail(PlaybookDocument):
    """A playbook with its whole document."""

    document: dict[str, Any]


class DryRunRequest(BaseModel):
    """Values for the external variables."""

    variables: Variables = Field(default_factory=dict, max_length=200)


class DryStepDocument(BaseModel):
    """One step as it would be taken; each action with exactly what it would do."""

    step_id: str
    type: str
    name: str
    ways: dict[str, str]
    approval_role: str | None
    actions: list[dict[str, Any]]
    problem: str | None


class RunRequest(BaseModel):
    """A run to be started; for an incident its steps stand on the incident's timeline."""

    playbook_id: str = Field(max_length=250)
    variables: Variables = Field(default_factory=dict, max_length=200)
    incident_id: str | None = Field(None, max_length=64)
    alert_id: str | None = Field(None, max_length=64)
    unit_id: str | None = Field(None, max_length=64)


class RunDocument(BaseModel):
    """A run."""

    id: str
    playbook_id: str
    playbook_name: str
    digest: str
    state: Literal["running", "waiting", "succeeded", "failed", "rejected", "cancelled"]
    origin: Literal["person", "policy", "playbook"]
    requested_by: str
    unit_id: str | None
    incident_id: str | None
    alert_id: str | None
    started: Moment
    ended: Moment | None
    problem: str | None


class QuestionDocument(BaseModel):
    """A branch that waits; one that waits for a person is answered under its ``token``."""

    token: int
    step_id: str
    wait: str
    due: Moment | None
    question: dict[str, Any] | None


class OperationDocument(BaseModel):
    """One action under its operation id."""

    id: str
    step_id: str
    kind: str
    state: Literal["started", "done", "failed", "unknown"]
    attempts: int
    payload: dict[str, Any]
    result: dict[str, Any] | None
    started: Moment
    ended: Moment | None


class HistoryDocument(BaseModel):
    """One line of a run's history."""

    id: int
    at: Moment
    kind: str
    code: str
    step_id: str | None
    operation_id: str | None
    actor: str
    text: str
    detail: dict[str, Any]


class ApprovalDocument(BaseModel):
    """A decision that is asked for: ``plan`` is exactly what will be done; its digest goes back with the decision."""

    id: str
    run_id: str
    playbook_name: str
    requested_by: str
    incident_id: str | None
    step_id: str
    role: str
    state: Literal["pending", "approved", "rejected", "expired", "withdrawn"]
    plan: list[dict[str, Any]]
    plan_digest: str
    requested: Moment
    expires: Moment
    decided: Moment | None
    decided_by: str | None
    reason: str | None


class RunDetail(RunDocument):
    """A run with everything that happened in it; ``step_names`` are by the steps' ids."""

    variables: Variables
    step_names: dict[str, str]
    waiting: list[QuestionDocument]
    operations: list[OperationDocument]
    approvals: list[ApprovalDocument]
    history: list[HistoryDocument]


class RunPage(BaseModel):
    """Some runs, the newest first; ``next_cursor`` leads to the next page."""

    runs: list[RunDocument]
    next_cursor: str | None


class ReasonRequest(BaseModel):
    """Why."""

    reason: str = Field(min_length=1, max_length=2000)


class AnswerRequest(BaseModel):
    """What a person answers to a branch that waits for one."""

    token: int
    verdict: Literal["done", "failed", "repeat"] = "done"
    values: dict[str, Any] = Field(default_factory=dict, max_length=64)
    reason: str = Field("", max_length=2000)


class DecisionRequest(BaseModel):
    """A decision on exactly the plan that the person saw."""

    plan_digest: str = Field(max_length=64)
    reason: str = Field("", max_length=2000)


class EndpointRequest(BaseModel):
    """A receiver of signed calls."""

    name: str = Field(max_length=64)
    url: str = Field(max_length=2048)
    unit_id: str | None = Field(None, max_length=64)


class EndpointDocument(BaseModel):
    """A receiver of signed calls, without its secrets."""

    id: str
    name: str
    url: str
    unit_id: str | None
    created: Moment
    created_by: str
    disabled: Moment | None
    disabled_because: Literal["person", "failures", "gone"] | None
    failures: int
    former_secret_until: Moment | None


class EndpointSecret(BaseModel):
    """An endpoint with its new secret, which is shown this once."""

    endpoint: EndpointDocument
    secret: str


class AttemptDocument(BaseModel):
    """What one attempt of a delivery came to."""

    at: Moment
    milliseconds: int
    status: int | None
    outcome: str
    answer: str


class DeliveryDocument(BaseModel):
    """One message to one endpoint."""

    id: str
    endpoint_id: str
    type: str
    state: Literal["pending", "delivered", "failed"]
    attempts: int
    most_attempts: int
    created: Moment
    due: Moment | None
    ended: Moment | None


class DeliveryDetail(DeliveryDocument):
    """A delivery with its body and every attempt."""

    body: str
    log: list[AttemptDocument]


class DeliveryPage(BaseModel):
    """Some deliveries, the newest first; ``next_cursor`` leads to the next page."""

    deliveries: list[DeliveryDocument]
    next_cursor: str | None


class CallbackTaken(BaseModel):
    """``repeated`` is whether the call was taken before and changed nothing now."""

    repeated: bool
