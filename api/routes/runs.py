"""``/runs`` and ``/approvals``: runs of playbooks, what people answer and decide in them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from api.access import Requires
from api.caller import Caller
from api.dependencies import Dependencies
from api.idempotency import IdempotentRoute
from api.playbook_documents import (
    AnswerRequest,
    ApprovalDocument,
    DecisionRequest,
    ReasonRequest,
    RunDetail,
    RunDocument,
    RunPage,
    RunRequest,
)
from api.problems import COMMON_RESPONSES
from api.run_work import (
    DECIDE,
    READ,
    WRITE,
    answer,
    cancel,
    decide_approval,
    read_approval,
    read_approvals,
    read_run,
    read_runs,
    start,
)

router = APIRouter(prefix="/api/v1", tags=["runs"], route_class=IdempotentRoute, responses=COMMON_RESPONSES)
Reader = Annotated[Caller, Depends(Requires(READ))]
Writer = Annotated[Caller, Depends(Requires(WRITE))]
Decides = Annotated[Caller, Depends(Requires(DECIDE))]
Id = Annotated[str | None, Query(max_length=250)]
RunStateName = Literal["running", "waiting", "succeeded", "failed", "rejected", "cancelled"]
ApprovalStateName = Literal["pending", "approved", "rejected", "expired", "withdrawn"]


@router.get("/runs")
def list_runs(  # noqa: PLR0913 (the filters of a list are its parameters)
    dependencies: Dependencies,
    caller: Reader,
    *,
    state: RunStateName | None = None,
    incident: Id = None,
    alert: Id = None,
    playbook: Id = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=1024)] = None,
) -> RunPage:
    """The runs, the newest first."""
    filters = {"state": state, "incident_id": incident, "alert_id": alert, "playbook_id": playbook}
    return read_runs(dependencies, filters, limit, cursor, caller)


@router.post("/runs", status_code=HTTPStatus.CREATED)
def start_run(body: RunRequest, dependencies: Dependencies, caller: Writer) -> RunDocument:
    """Start a run."""
    return start(dependencies, body, caller)


@router.get("/runs/{run_id}")
def get_run(run_id: str, dependencies: Dependencies, caller: Reader) -> RunDetail:
    """One run with its operations, approvals, questions and history."""
    return read_run(dependencies, run_id, caller)


@router.post("/runs/{run_id}:cancel")
def cancel_run(run_id: str, body: ReasonRequest, dependencies: Dependencies, caller: Writer) -> RunDocument:
    """End a run; what it did stays."""
    return cancel(dependencies, run_id, body.reason, caller)


@router.post("/runs/{run_id}:answer")
def answer_run(run_id: str, body: AnswerRequest, dependencies: Dependencies, caller: Writer) -> RunDocument:
    """Answer a manual step, or say what became of an unknown action."""
    return answer(dependencies, run_id, body, caller)


@router.get("/approvals")
def list_approvals(
    dependencies: Dependencies, caller: Reader, *, state: ApprovalStateName | None = None, mine: bool = False
) -> list[ApprovalDocument]:
    """Approvals, those that expire first at the top; ``mine`` are those asked of the caller's roles."""
    return read_approvals(dependencies, state, caller, mine=mine)


@router.get("/approvals/{approval_id}")
def get_approval(approval_id: str, dependencies: Dependencies, caller: Reader) -> ApprovalDocument:
    """One approval with exactly what will be done."""
    return read_approval(dependencies, approval_id, caller)


@router.post("/approvals/{approval_id}:approve")
def approve(approval_id: str, body: DecisionRequest, dependencies: Dependencies, caller: Decides) -> ApprovalDocument:
    """Approve the plan that was seen."""
    return decide_approval(dependencies, approval_id, body, caller, approve=True)


@router.post("/approvals/{approval_id}:reject")
def reject(approval_id: str, body: DecisionRequest, dependencies: Dependencies, caller: Decides) -> ApprovalDocument:
    """Reject it, with a reason."""
    return decide_approval(dependencies, approval_id, body, caller, approve=False)
