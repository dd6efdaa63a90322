"""``/account``: one's own account: password, open sessions, second factor."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from api.access import Requires, signed_in
from api.caller import Caller
from api.dependencies import Dependencies
from api.identity.accounts import set_email
from api.identity.models import User
from api.identity.own_account import change_password, end_own_session
from api.identity.repository import list_sessions
from api.identity.second_factor import begin_enrollment, confirm
from api.moments import Moment
from api.problems import COMMON_RESPONSES
from events import now_ms

router = APIRouter(prefix="/api/v1/account", tags=["own account"], responses=COMMON_RESPONSES)
AnyCaller = Annotated[Caller, Depends(Requires(None))]


class PasswordChange(BaseModel):
    """The present password and the one to come."""

    old: str = Field(max_length=1024)
    new: str = Field(max_length=1024)


class Mail(BaseModel):
    """Where reminders are sent; empty for nowhere."""

    email: str = Field(max_length=254)


class OpenSession(BaseModel):
    """A session that is open."""

    id: str
    created: Moment = Field(validation_alias="created_ms")
    last_seen: Moment = Field(validation_alias="last_seen_ms")
    source_address: str | None
    user_agent: str | None


class EnrollmentDocument(BaseModel):
    """What the app is told, once."""

    secret: str
    address: str


class Code(BaseModel):
    """A code of the app."""

    code: str = Field(max_length=16)


@router.post(":change-password", status_code=HTTPStatus.NO_CONTENT)
def change_own_password(body: PasswordChange, dependencies: Dependencies, caller: AnyCaller) -> None:
    """Take another password; the account's other sessions end."""
    with dependencies.records.begin() as session:
        change_password(session, signed_in(caller), (body.old, body.new), caller.origin)


@router.get("/email")
def read_own_email(dependencies: Dependencies, caller: AnyCaller) -> Mail:
    """Where the caller's reminders are sent."""
    with dependencies.records.read() as session:
        return Mail(email=session.get_one(User, signed_in(caller).user_id).email or "")


@router.put("/email", status_code=HTTPStatus.NO_CONTENT)
def set_own_email(body: Mail, dependencies: Dependencies, caller: AnyCaller) -> None:
    """Note where the caller's reminders are sent."""
    principal = signed_in(caller)
    with dependencies.records.begin() as session:
        user = session.get_one(User, principal.user_id)
        set_email(session, user, body.email, principal.actor, caller.origin)


@router.get("/sessions")
def list_own_sessions(dependencies: Dependencies, caller: AnyCaller) -> list[OpenSession]:
    """The caller's open sessions, newest first."""
    with dependencies.records.read() as session:
        rows = list_sessions(session, signed_in(caller).user_id, now_ms())
        return [OpenSession.model_validate(row, from_attributes=True) for row in rows]


@router.delete("/sessions/{session_id}", status_code=HTTPStatus.NO_CONTENT)
def end_session_of_own(session_id: str, dependencies: Dependencies, caller: AnyCaller) -> None:
    """End one of the caller's sessions."""
    with dependencies.records.begin() as session:
        end_own_session(session, signed_in(caller), session_id, caller.origin)


@router.post("/second-factor", status_code=HTTPStatus.CREATED)
def begin_second_factor(dependencies: Dependencies, caller: AnyCaller) -> EnrollmentDocument:
    """Begin to set up a second factor; it counts after its first code."""
    with dependencies.records.begin() as session:
        user = session.get_one(User, signed_in(caller).user_id)
        begun = begin_enrollment(session, user, dependencies.second_factor_box())
    return EnrollmentDocument(secret=begun.secret, address=begun.address)


@router.post("/second-factor:confirm", status_code=HTTPStatus.NO_CONTENT)
def confirm_second_factor(body: Code, dependencies: Dependencies, caller: AnyCaller) -> None:
    """Switch the second factor on by its first code."""
    with dependencies.records.begin() as session:
        user = session.get_one(User, signed_in(caller).user_id)
        confirm(session, user, body.code, dependencies.second_factor_box())
