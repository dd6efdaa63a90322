"""``/users``: local accounts."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from api.access import Requires, signed_in
from api.caller import Caller
from api.dependencies import Dependencies
from api.idempotency import IdempotentRoute
from api.identity.accounts import NewAccount, create_user, disable_user
from api.identity.models import User
from api.identity.repository import list_users
from api.moments import Moment
from api.problems import COMMON_RESPONSES, ProblemError, not_found

router = APIRouter(prefix="/api/v1/users", tags=["users"], route_class=IdempotentRoute, responses=COMMON_RESPONSES)
Reader = Annotated[Caller, Depends(Requires("users:read"))]
Writer = Annotated[Caller, Depends(Requires("users:write"))]


class UserDocument(BaseModel):
    """An account."""

    id: str
    name: str
    display_name: str
    roles: list[str]
    units: list[str] | None
    disabled: bool
    created: Moment = Field(validation_alias="created_ms")
    last_sign_in: Moment | None = Field(validation_alias="last_sign_in_ms")


class UserRequest(BaseModel):
    """The account to make."""

    name: str = Field(max_length=128)
    display_name: str = Field("", max_length=256)
    password: str = Field(max_length=1024)
    roles: list[str] = Field(min_length=1, max_length=16)
    units: list[str] = Field(default=[], max_length=64)


@router.get("")
def list_accounts(dependencies: Dependencies, _caller: Reader) -> list[UserDocument]:
    """Every account, by name."""
    with dependencies.records.read() as session:
        return [UserDocument.model_validate(row, from_attributes=True) for row in list_users(session)]


@router.post("", status_code=HTTPStatus.CREATED)
def create_account(body: UserRequest, dependencies: Dependencies, caller: Writer) -> UserDocument:
    """Make an account."""
    account = NewAccount(body.name, body.password, body.roles, body.display_name, body.units)
    with dependencies.records.begin() as session:
        user = create_user(session, account, signed_in(caller).actor, caller.origin)
        session.flush()
        return UserDocument.model_validate(user, from_attributes=True)


@router.post("/{user_id}:disable")
def disable_account(user_id: str, dependencies: Dependencies, caller: Writer) -> UserDocument:
    """Close an account; nobody closes their own."""
    principal = signed_in(caller)
    if user_id == principal.user_id:
        raise ProblemError(HTTPStatus.CONFLICT, "own_account", "Nobody can disable their own account")
    with dependencies.records.begin() as session:
        user = session.get(User, user_id)
        if user is None:
            raise not_found("user", "There is no account of this id")
        disable_user(session, user, principal.actor, caller.origin)
        return UserDocument.model_validate(user, from_attributes=True)
