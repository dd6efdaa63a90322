"""``/sessions``: sign in, see who one is, sign out."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from api.access import Requires, check_same_origin, signed_in
from api.caller import Caller, caller_of
from api.cookies import clear_session_cookie, set_session_cookie
from api.dependencies import Dependencies
from api.identity import Presented, Principal, Refusal, end_session, sign_in
from api.moments import Moment
from api.problems import COMMON_RESPONSES, ProblemError
from api.signing import csrf_token

router = APIRouter(prefix="/api/v1/sessions", tags=["sessions"], responses=COMMON_RESPONSES)
AnyCaller = Annotated[Caller, Depends(Requires(None))]


class SignIn(BaseModel):
    """A name, a password, and the code of the second factor where the account has one."""

    name: str = Field(max_length=128)
    password: str = Field(max_length=1024)
    code: str = Field("", max_length=16)


class Me(BaseModel):
    """Who is calling; ``csrf_token`` goes into the header ``X-CSRF-Token`` of every change made with the cookie.

    With ``must_enroll`` the account may do nothing before it has set up its second factor.
    """

    name: str
    kind: str
    scopes: list[str]
    csrf_token: str | None
    must_enroll: bool


class NewSession(Me):
    """A session that was opened."""

    expires: Moment


@router.post("", status_code=HTTPStatus.CREATED)
def create_session(body: SignIn, request: Request, response: Response, dependencies: Dependencies) -> NewSession:
    """Sign in; the session's token comes as a cookie. A wrong name, a wrong password and a lock all answer the same."""
    check_same_origin(request)
    presented = Presented(body.name, body.password, body.code)
    origin = caller_of(request).origin
    outcome = sign_in(dependencies.records, presented, origin, dependencies.second_factor_box())
    if outcome is Refusal.CODE_MISSING:
        raise ProblemError(HTTPStatus.UNAUTHORIZED, "second_factor_required", "Send the code of your second factor too")
    if isinstance(outcome, Refusal):
        raise ProblemError(
            HTTPStatus.UNAUTHORIZED,
            "sign_in_refused",
            "Wrong name, password or code, or the account is locked for a while",
        )
    set_session_cookie(response, dependencies.settings, outcome)
    me = _me(outcome.principal, dependencies.secret_key)
    return NewSession(**me.model_dump(), expires=outcome.expires_ms)


@router.get("/me")
def read_me(dependencies: Dependencies, caller: AnyCaller) -> Me:
    """Who is calling, and what they may do."""
    return _me(signed_in(caller), dependencies.secret_key)


@router.delete("/me", status_code=HTTPStatus.NO_CONTENT)
def end_own_session(response: Response, dependencies: Dependencies, caller: AnyCaller) -> None:
    """Sign out."""
    with dependencies.records.begin() as session:
        end_session(session, signed_in(caller), caller.origin)
    clear_session_cookie(response, dependencies.settings)


def _me(principal: Principal, key: bytes) -> Me:
    return Me(
        name=principal.actor.name,
        kind=principal.actor.kind,
        scopes=sorted(principal.scopes),
        csrf_token=csrf_token(key, principal.session_id) if principal.session_id else None,
        must_enroll=principal.must_enroll,
    )
