"""``/users``: local accounts."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.access import Requires
from api.account_request_documents import WAITS, AccountRequestDocument, waiting
from api.account_work import asked_by, existing_account, other_than_own
from api.caller import Caller
from api.dependencies import Dependencies
from api.idempotency import IdempotentRoute
from api.identity.account_requests import (
    AccountRequest,
    RoleChange,
    change_account_roles,
    close_account,
    give_password,
    make_account,
    take_factor_away,
)
from api.identity.accounts import NewAccount, end_all_sessions, set_email
from api.identity.models import User
from api.identity.repository import list_users
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
    email: str | None
    roles: list[str]
    units: list[str] | None
    external_subject: str | None
    disabled: bool
    created: Moment = Field(validation_alias="created_ms")
    last_sign_in: Moment | None = Field(validation_alias="last_sign_in_ms")


class Password(BaseModel):
    """A new password, shown this once; with a request it works when that is approved."""

    password: str
    request: AccountRequestDocument | None = None


class RolesRequest(BaseModel):
    """The roles and units that an account is to have."""

    roles: list[str] = Field(min_length=1, max_length=16)
    units: list[str] = Field(default=[], max_length=64)


class MailRequest(BaseModel):
    """Where an account's reminders are sent; empty for nowhere."""

    email: str = Field(max_length=254)


class UserRequest(BaseModel):
    """The account to make."""

    name: str = Field(max_length=128)
    display_name: str = Field("", max_length=256)
    password: str = Field(max_length=1024)
    roles: list[str] = Field(min_length=1, max_length=16)
    units: list[str] = Field(default=[], max_length=64)
    external_subject: str | None = Field(None, min_length=1, max_length=255)
    email: str = Field("", max_length=254)


@router.get("")
def list_accounts(dependencies: Dependencies, _caller: Reader) -> list[UserDocument]:
    """Every account, by name."""
    with dependencies.records.read() as session:
        return [UserDocument.model_validate(row, from_attributes=True) for row in list_users(session)]


@router.post("", status_code=HTTPStatus.CREATED, responses=WAITS)
def create_account(
    body: UserRequest, dependencies: Dependencies, caller: Writer, response: Response
) -> UserDocument | AccountRequestDocument:
    """Make an account; a privileged one waits for the security administrator."""
    account = NewAccount(
        body.name, body.password, body.roles, body.display_name, body.units, body.external_subject, body.email
    )
    with dependencies.records.begin() as session:
        return _done(make_account(session, account, asked_by(caller)), response)


@router.post("/{user_id}:disable")
def disable_account(user_id: str, dependencies: Dependencies, caller: Writer) -> UserDocument:
    """Close an account at once; nobody closes their own."""
    other_than_own(user_id, caller)
    with dependencies.records.begin() as session:
        user = existing_account(session, user_id)
        close_account(session, user, asked_by(caller))
        return UserDocument.model_validate(user, from_attributes=True)


@router.post("/{user_id}:change-roles", responses=WAITS)
def change_roles_of_account(
    user_id: str, body: RolesRequest, dependencies: Dependencies, caller: Writer, response: Response
) -> UserDocument | AccountRequestDocument:
    """Give another's account other roles and units; of a privileged one that waits for the security administrator."""
    other_than_own(user_id, caller)
    with dependencies.records.begin() as session:
        user, change = existing_account(session, user_id), RoleChange(body.roles, body.units)
        return _done(change_account_roles(session, user, change, asked_by(caller)), response)


@router.post("/{user_id}:set-email")
def set_account_email(user_id: str, body: MailRequest, dependencies: Dependencies, caller: Writer) -> UserDocument:
    """Note where an account's reminders are sent."""
    by = asked_by(caller)
    with dependencies.records.begin() as session:
        user = existing_account(session, user_id)
        set_email(session, user, body.email, by.principal.actor, by.origin)
        return UserDocument.model_validate(user, from_attributes=True)


@router.post("/{user_id}:reset-password", responses=WAITS | {HTTPStatus.ACCEPTED.value: {"model": Password}})
def reset_account_password(user_id: str, dependencies: Dependencies, caller: Writer, response: Response) -> Password:
    """Give another's account a random password, shown this once; a privileged account's works when it is approved."""
    other_than_own(user_id, caller)
    with dependencies.records.begin() as session:
        password, request = give_password(session, existing_account(session, user_id), asked_by(caller))
        return Password(password=password, request=waiting(request, response) if request else None)


@router.post("/{user_id}:end-sessions", status_code=HTTPStatus.NO_CONTENT)
def end_account_sessions(user_id: str, dependencies: Dependencies, caller: Writer) -> None:
    """End every session of another's account at once."""
    principal = other_than_own(user_id, caller)
    with dependencies.records.begin() as session:
        end_all_sessions(session, existing_account(session, user_id), principal.actor, caller.origin)


@router.post("/{user_id}:remove-second-factor", status_code=HTTPStatus.NO_CONTENT, responses=WAITS)
def remove_second_factor(user_id: str, dependencies: Dependencies, caller: Writer) -> Response:
    """Take a lost second factor from another's account; of a privileged one that waits for approval."""
    other_than_own(user_id, caller)
    with dependencies.records.begin() as session:
        request = take_factor_away(session, existing_account(session, user_id), asked_by(caller))
        if request is None:
            return Response(status_code=HTTPStatus.NO_CONTENT)
        document = AccountRequestDocument.model_validate(request, from_attributes=True)
        return JSONResponse(document.model_dump(mode="json"), HTTPStatus.ACCEPTED)


def _done(outcome: User | AccountRequest, response: Response) -> UserDocument | AccountRequestDocument:
    """The account as it is now, or what waits."""
    if isinstance(outcome, AccountRequest):
        return waiting(outcome, response)
    return UserDocument.model_validate(outcome, from_attributes=True)
