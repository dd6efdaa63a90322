"""Requests for work on privileged accounts: what is asked for, and the security administrator's decision."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.access import Form, Requires
from api.account_request_documents import document_of
from api.account_work import asked_by
from api.caller import Caller
from api.console.form_fields import text_of
from api.console.rendering import redirect, render
from api.console.translation import language_of
from api.dependencies import ApiDependencies, Dependencies
from api.errors import ApiError
from api.identity.account_requests import RequestState, approve, list_requests, reject, withdraw
from api.identity.policy import role_policy
from api.problems import ProblemError, problem_of

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Requires("account-requests:read"))]
Decider = Annotated[Caller, Depends(Requires("account-requests:decide", form=True))]
Writer = Annotated[Caller, Depends(Requires("users:write", form=True))]
_SHOWN = 200
_LONGEST_REASON = 2000


@router.get("/account-requests")
def show(
    request: Request, dependencies: Dependencies, _caller: Reader, state: RequestState = RequestState.PENDING
) -> Response:
    """The requests that wait, or those of another state."""
    return _page(request, dependencies, state)


@router.post("/account-requests/{request_id}")
def decide(request: Request, request_id: str, dependencies: Dependencies, form: Form, caller: Decider) -> Response:
    """Approve or reject a request."""
    approves, reason = text_of(form, "decision") == "approve", text_of(form, "reason")[:_LONGEST_REASON]
    try:
        with dependencies.records.begin() as session:
            (approve if approves else reject)(session, request_id, reason, asked_by(caller))
    except ApiError as error:
        return _page(request, dependencies, RequestState.PENDING, problem_of(error))
    return redirect("/account-requests", "account_request_approved" if approves else "account_request_rejected")


@router.post("/account-requests/{request_id}/withdraw")
def take_back(request: Request, request_id: str, dependencies: Dependencies, caller: Writer) -> Response:
    """Take back what one asked for."""
    try:
        with dependencies.records.begin() as session:
            withdraw(session, request_id, asked_by(caller))
    except ApiError as error:
        return _page(request, dependencies, RequestState.PENDING, problem_of(error))
    return redirect("/account-requests", "account_request_withdrawn")


def _page(
    request: Request, dependencies: ApiDependencies, state: RequestState, problem: ProblemError | None = None
) -> Response:
    policy, language = role_policy(), language_of(request)
    with dependencies.records.read() as session:
        found = [document_of(row) for row in list_requests(session, None, _SHOWN)]
    context = {
        "active": "account_requests",
        "requests": [each for each in found if each.state is state],
        "state": state.value,
        "states": [each.value for each in RequestState],
        "roles": {name: getattr(role.label, language) for name, role in policy.roles.items()},
        "scopes": {name: getattr(label, language) for name, label in policy.scopes.items()},
        "problem": problem,
    }
    return render(request, "account_requests.html", context, problem.status if problem else HTTPStatus.OK)
