"""Approvals: exactly what a run will do, decided by somebody in the role that is asked."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.access import Form, Requires
from api.caller import Caller
from api.console.form_fields import text_of
from api.console.rendering import redirect, render
from api.console.run_words import RunWords
from api.console.translation import language_of
from api.dependencies import Dependencies, dependencies_of
from api.playbook_documents import DecisionRequest
from api.problems import ProblemError, problem_of
from api.routes.runs import ApprovalStateName
from api.run_work import DECIDE, READ, decide_approval, read_approval, read_approvals
from playbooks import PlaybookError

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Requires(READ))]
Decides = Annotated[Caller, Depends(Requires(DECIDE, form=True))]
_LONGEST_REASON = 2000


@router.get("/approvals")
def show_list(
    request: Request, dependencies: Dependencies, caller: Reader, state: ApprovalStateName | None = None
) -> Response:
    """The approvals asked of the caller's roles, then all that wait or are in a state."""
    mine = read_approvals(dependencies, "pending", caller, mine=True)
    shown = read_approvals(dependencies, state or "pending", caller, mine=False)
    own = {each.id for each in mine}
    context = {
        "active": "approvals",
        "words": RunWords(language_of(request)),
        "mine": mine if state is None else [],
        "others": [each for each in shown if state is not None or each.id not in own],
        "state": state,
        "states": ("pending", "approved", "rejected", "expired", "withdrawn"),
    }
    return render(request, "approvals.html", context)


@router.get("/approvals/{approval_id}")
def show_one(request: Request, approval_id: str, caller: Reader) -> Response:
    """One approval with its plan."""
    return _page(request, approval_id, caller)


@router.post("/approvals/{approval_id}")
def decide(request: Request, approval_id: str, dependencies: Dependencies, form: Form, caller: Decides) -> Response:
    """Approve or reject the plan that was seen."""
    approve, reason = text_of(form, "decision") == "approve", text_of(form, "reason")[: _LONGEST_REASON + 1]
    try:
        if len(reason) > _LONGEST_REASON:
            return _page(request, approval_id, caller, _too_long())
        body = DecisionRequest(plan_digest=text_of(form, "plan_digest")[:64], reason=reason)
        decide_approval(dependencies, approval_id, body, caller, approve=approve)
    except (PlaybookError, ProblemError) as error:
        return _page(request, approval_id, caller, problem_of(error))
    return redirect(f"/approvals/{approval_id}", "approval_approved" if approve else "approval_rejected")


def _too_long() -> ProblemError:
    return ProblemError(
        HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_parameters", f"A reason has at most {_LONGEST_REASON} characters"
    )


def _page(request: Request, approval_id: str, caller: Caller, problem: ProblemError | None = None) -> Response:
    context = {
        "active": "approvals",
        "words": RunWords(language_of(request)),
        "approval": read_approval(dependencies_of(request), approval_id, caller),
        "problem": problem,
    }
    return render(request, "approval.html", context, problem.status if problem else HTTPStatus.OK)
