"""``/registry/grants``: requested by one, approved by another, suspended, resumed, revoked."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from api.access import Requires
from api.caller import Caller
from api.dependencies import ApiDependencies, Dependencies
from api.idempotency import IdempotentRoute
from api.moments import Moment
from api.problems import COMMON_RESPONSES
from api.registry_work import APPROVE, READ, REQUEST, RegisterQuery, check_id, editor, read_entry, read_page
from registry import GrantState
from registry.entries import GrantEntry, RegisteredGrant
from registry.grants import GRANTS, GrantStep, change_terms, grant_transitions, move_grant, request_grant

router = APIRouter(
    prefix="/api/v1/registry/grants", tags=["registry"], route_class=IdempotentRoute, responses=COMMON_RESPONSES
)
Reader = Annotated[Caller, Depends(Requires(READ))]
Requester = Annotated[Caller, Depends(Requires(REQUEST))]
Approver = Annotated[Caller, Depends(Requires(APPROVE))]
Id = Annotated[str, Field(max_length=128)]


class GrantQuery(RegisterQuery):
    """Which grants: all that is set must hold."""

    state: GrantState | None = None
    consumer: Id | None = None
    provider: Id | None = None
    resource: Id | None = None

    def equal(self) -> tuple[tuple[str, str], ...]:
        """The columns with the values asked for."""
        wanted = (
            ("state", self.state.value if self.state else None),
            ("consumer_id", self.consumer),
            ("provider_id", self.provider),
            ("resource_id", self.resource),
        )
        return tuple((column, value) for column, value in wanted if value is not None)


class GrantList(BaseModel):
    """A page of grants, by id."""

    grants: list[RegisteredGrant]
    next_cursor: str | None


class GrantTransitionDocument(BaseModel):
    """One step in a grant's life."""

    at: Moment
    from_state: str | None
    to_state: str
    actor: str
    reason: str | None


class StepRequest(BaseModel):
    """Why a step is taken."""

    reason: Annotated[str, Field(max_length=4000)] | None = None


@router.get("")
def list_(query: Annotated[GrantQuery, Query()], dependencies: Dependencies, caller: Reader) -> GrantList:
    """One page of the grants whose provider or consumer is within the caller's units."""
    page = read_page(dependencies, GRANTS, query, caller, query.equal())
    return GrantList(grants=list(page.entries), next_cursor=page.next_cursor)


@router.post("", status_code=HTTPStatus.CREATED)
def request(body: GrantEntry, dependencies: Dependencies, caller: Requester) -> RegisteredGrant:
    """Ask for a grant; it covers nothing before somebody else approves it."""
    with dependencies.records.begin() as session:
        return request_grant(session, body, editor(caller, REQUEST))


@router.get("/{grant_id}")
def get_one(grant_id: str, dependencies: Dependencies, caller: Reader) -> RegisteredGrant:
    """A grant."""
    return read_entry(dependencies, GRANTS, grant_id, caller)


@router.put("/{grant_id}")
def change(grant_id: str, body: GrantEntry, dependencies: Dependencies, caller: Requester) -> RegisteredGrant:
    """Change the terms of a grant that nobody has approved yet."""
    check_id(grant_id, body.id)
    with dependencies.records.begin() as session:
        return change_terms(session, body, editor(caller, REQUEST))


@router.get("/{grant_id}/transitions")
def list_transitions(grant_id: str, dependencies: Dependencies, caller: Reader) -> list[GrantTransitionDocument]:
    """The history of a grant, oldest first."""
    read_entry(dependencies, GRANTS, grant_id, caller)
    with dependencies.records.read() as session:
        steps = grant_transitions(session, grant_id)
        return [GrantTransitionDocument.model_validate(each, from_attributes=True) for each in steps]


@router.post("/{grant_id}:approve")
def approve(grant_id: str, body: StepRequest, dependencies: Dependencies, caller: Approver) -> RegisteredGrant:
    """Let a requested grant cover flows; not by who requested it."""
    return _moved(dependencies, grant_id, GrantStep.APPROVE, body, caller)


@router.post("/{grant_id}:suspend")
def suspend(grant_id: str, body: StepRequest, dependencies: Dependencies, caller: Approver) -> RegisteredGrant:
    """Let a grant cover nothing for a while; needs a reason."""
    return _moved(dependencies, grant_id, GrantStep.SUSPEND, body, caller)


@router.post("/{grant_id}:resume")
def resume(grant_id: str, body: StepRequest, dependencies: Dependencies, caller: Approver) -> RegisteredGrant:
    """Let a suspended grant cover flows again."""
    return _moved(dependencies, grant_id, GrantStep.RESUME, body, caller)


@router.post("/{grant_id}:revoke")
def revoke(grant_id: str, body: StepRequest, dependencies: Dependencies, caller: Approver) -> RegisteredGrant:
    """End a grant for good, or refuse what was requested; needs a reason."""
    return _moved(dependencies, grant_id, GrantStep.REVOKE, body, caller)


def _moved(
    dependencies: ApiDependencies, grant_id: str, step: GrantStep, body: StepRequest, caller: Caller
) -> RegisteredGrant:
    with dependencies.records.begin() as session:
        return move_grant(session, grant_id, step, editor(caller, APPROVE), body.reason)
