"""``/account-requests``: work on privileged accounts that waits for the security administrator."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from api.access import Requires
from api.account_request_documents import AccountRequestDocument, document_of
from api.account_work import asked_by
from api.caller import Caller
from api.dependencies import Dependencies
from api.idempotency import IdempotentRoute
from api.identity.account_requests import RequestState, approve, find_request, list_requests, reject, withdraw
from api.problems import COMMON_RESPONSES

router = APIRouter(
    prefix="/api/v1/account-requests",
    tags=["account requests"],
    route_class=IdempotentRoute,
    responses=COMMON_RESPONSES,
)
Reader = Annotated[Caller, Depends(Requires("account-requests:read"))]
Decider = Annotated[Caller, Depends(Requires("account-requests:decide"))]
Writer = Annotated[Caller, Depends(Requires("users:write"))]


class Decision(BaseModel):
    """Why."""

    reason: str = Field("", max_length=2000)


@router.get("")
def list_account_requests(
    dependencies: Dependencies,
    _caller: Reader,
    state: RequestState | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[AccountRequestDocument]:
    """The requests, the newest first."""
    with dependencies.records.read() as session:
        return [document_of(row) for row in list_requests(session, state, limit)]


@router.get("/{request_id}")
def read_account_request(request_id: str, dependencies: Dependencies, _caller: Reader) -> AccountRequestDocument:
    """One request."""
    with dependencies.records.read() as session:
        return document_of(find_request(session, request_id))


@router.post("/{request_id}:approve")
def approve_account_request(
    request_id: str, body: Decision, dependencies: Dependencies, caller: Decider
) -> AccountRequestDocument:
    """Approve it and have it done; never what one asked for oneself, or what concerns one's own account."""
    with dependencies.records.begin() as session:
        return document_of(approve(session, request_id, body.reason, asked_by(caller)))


@router.post("/{request_id}:reject")
def reject_account_request(
    request_id: str, body: Decision, dependencies: Dependencies, caller: Decider
) -> AccountRequestDocument:
    """Refuse it."""
    with dependencies.records.begin() as session:
        return document_of(reject(session, request_id, body.reason, asked_by(caller)))


@router.post("/{request_id}:withdraw")
def withdraw_account_request(request_id: str, dependencies: Dependencies, caller: Writer) -> AccountRequestDocument:
    """Take back what one asked for."""
    with dependencies.records.begin() as session:
        return document_of(withdraw(session, request_id, asked_by(caller)))
