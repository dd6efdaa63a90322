"""``/users``: local accounts."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from api.access import Requires, signed_in
from api.account_work import existing_account, other_than_own
from api.caller import Caller
from api.dependencies import Dependencies
from api.idempotency import IdempotentRoute
from api.identity.accounts import NewAccount, create_user, disable_user, end_all_sessions, reset_password
from api.identity.repository import list_users
from api.identity.second_factor import take_away
from api.moments import Moment
from api.problems import COMMON_RESPONSES

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
    external_subject: str | None
    disabled: bool
    created: Moment = Field(validation_alias="created_ms")
    last_sign_in: Moment | None = Field(validation_alias="last_sign_in_ms")


class Password(BaseModel):
    """A new password, shown this once."""

    password: str


class UserRequest(BaseModel):
    """The account to make."""

    name: str = Field(max_length=128)
    display_name: str = Field("", max_length=256)
    password: str = Field(max_length=1024)
    roles: list[str] = Field(min_length=1, max_length=16)
    units: list[str] = Field(default=[], max_length=64)
    external_subject: str | None = Field(None, min_length=1, max_length=255)


@router.get("")
def list_accounts(dependencies: Dependencies, _caller: Reader) -> list[UserDocument]:
    """Every account, by name."""
    with dependencies.records.read() as session:
        return [UserDocument.model_validate(row, from_attributes=True) for row in list_users(session)]


@router.post("", status_code=HTTPStatus.CREATED)
def create_account(body: UserRequest, dependencies: Dependencies, caller: Writer) -> UserDocument:
    """Make an account."""
    account = NewAccount(body.name, body.password, body.roles, body.display_name, body.units, body.external_subject)
    with dependencies.records.begin() as session:
        user = create_user(session, account, signed_in(caller).actor, caller.origin)
        session.flush()
        return UserDocument.model_validate(user, from_attributes=True)


@router.post("/{user_id}:disable")
def disable_account(user_id: str, dependencies: Dependencies, caller: Writer) -> UserDocument:
    """Close an account; nobody closes their own."""
    principal = other_than_own(user_id, caller)
    with dependencies.records.begin() as session:
        user = existing_account(session, user_id)
        disable_user(session, user, principal.actor, caller.origin)
        return UserDocument.model_validate(user, from_attributes=True)


@router.post("/{user_id}:reset-password")
def reset_account_password(user_id: str, dependencies: Dependencies, caller: Writer) -> Password:
    """Give another's account a random password, shown this once; its sessions end."""
    principal = other_than_own(user_id, caller)
    with dependencies.records.begin() as session:
        user = existing_account(session, user_id)
        return Password(password=reset_password(session, user.name, principal.actor, caller.origin))


@router.post("/{user_id}:end-sessions", status_code=HTTPStatus.NO_CONTENT)
def end_account_sessions(user_id: str, dependencies: Dependencies, caller: Writer) -> None:
    """End every session of another's account at once."""
    principal = other_than_own(user_id, caller)
    with dependencies.records.begin() as session:
        end_all_sessions(session, existing_account(session, user_id), principal.actor, caller.origin)


@router.post("/{user_id}:remove-second-factor", status_code=HTTPStatus.NO_CONTENT)
def remove_second_factor(user_id: str, dependencies: Dependencies, caller: Writer) -> None:
    """Take a lost second factor from another's account, so that it can be set up again."""
    principal = other_than_own(user_id, caller)
    with dependencies.records.begin() as session:
        take_away(session, existing_account(session, user_id), principal.actor)
