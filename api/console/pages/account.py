"""One's own account: password, open sessions, second factor."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

import segno
from fastapi import APIRouter, Depends, Request, Response
from markupsafe import Markup

from api.access import Form, Requires, signed_in
from api.caller import Caller
from api.console.rendering import redirect, render
from api.dependencies import ApiDependencies, Dependencies
from api.errors import ApiError
from api.identity.accounts import set_email
from api.identity.models import User
from api.identity.own_account import change_password, end_own_session
from api.identity.principal import Principal
from api.identity.repository import list_sessions
from api.identity.second_factor import Enrollment, begin_enrollment, confirm, is_confirmed
from api.problems import ProblemError, problem_of
from events import now_ms

router = APIRouter(include_in_schema=False)
AnyCaller = Annotated[Caller, Depends(Requires(None))]
Writer = Annotated[Caller, Depends(Requires(None, form=True))]


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the page shows beside the account: an enrollment just begun, or why something was refused."""

    enrollment: Enrollment | None = None
    problem: ProblemError | None = None


@router.get("/account")
def show(request: Request, dependencies: Dependencies, caller: AnyCaller) -> Response:
    """The caller's account."""
    return _page(request, dependencies, signed_in(caller))


@router.post("/account/password")
def take_password(request: Request, dependencies: Dependencies, form: Form, caller: Writer) -> Response:
    """Take another password."""
    principal = signed_in(caller)
    try:
        with dependencies.records.begin() as session:
            passwords = str(form.get("old", "")), str(form.get("new", ""))
            change_password(session, principal, passwords, caller.origin)
    except ApiError as error:
        return _page(request, dependencies, principal, _Shown(problem=problem_of(error)))
    return redirect("/account", "password_changed")


@router.post("/account/email")
def take_email(request: Request, dependencies: Dependencies, form: Form, caller: Writer) -> Response:
    """Note where the caller's reminders are sent."""
    principal = signed_in(caller)
    try:
        with dependencies.records.begin() as session:
            user = session.get_one(User, principal.user_id)
            set_email(session, user, str(form.get("email", "")), principal.actor, caller.origin)
    except ApiError as error:
        return _page(request, dependencies, principal, _Shown(problem=problem_of(error)))
    return redirect("/account", "email_saved")


@router.post("/account/sessions/{session_id}")
def end(session_id: str, dependencies: Dependencies, caller: Writer) -> Response:
    """End one of the caller's sessions."""
    with dependencies.records.begin() as session:
        end_own_session(session, signed_in(caller), session_id, caller.origin)
    return redirect("/account", "session_ended")


@router.post("/account/second-factor")
def begin(request: Request, dependencies: Dependencies, caller: Writer) -> Response:
    """Show the secret of a new second factor, this once."""
    principal = signed_in(caller)
    with dependencies.records.begin() as session:
        user = session.get_one(User, principal.user_id)
        begun = begin_enrollment(session, user, dependencies.second_factor_box())
    return _page(request, dependencies, principal, _Shown(enrollment=begun))


@router.post("/account/second-factor/confirm")
def switch_on(request: Request, dependencies: Dependencies, form: Form, caller: Writer) -> Response:
    """Switch the second factor on by its first code."""
    principal = signed_in(caller)
    try:
        with dependencies.records.begin() as session:
            user = session.get_one(User, principal.user_id)
            confirm(session, user, str(form.get("code", "")), dependencies.second_factor_box())
    except ApiError as error:
        return _page(request, dependencies, principal, _Shown(problem=problem_of(error)))
    return redirect("/account", "second_factor_on")


def _page(
    request: Request, dependencies: ApiDependencies, principal: Principal, shown: _Shown | None = None
) -> Response:
    shown = shown or _Shown()
    with dependencies.records.read() as session:
        user = session.get_one(User, principal.user_id)
        context = {
            "active": "account",
            "user": user,
            "sessions": list_sessions(session, user.id, now_ms()),
            "confirmed": is_confirmed(session, user.id),
            "enrollment": shown.enrollment,
            "picture": _picture(shown.enrollment) if shown.enrollment else "",
            "problem": shown.problem,
        }
    return render(request, "account.html", context, HTTPStatus.UNPROCESSABLE_ENTITY if shown.problem else HTTPStatus.OK)


def _picture(enrollment: Enrollment) -> Markup:
    """The address as a QR code that apps read."""
    code = segno.make(enrollment.address, error="m")
    return Markup(code.svg_inline(scale=4, dark="#000", light="#fff"))  # noqa: S704 (drawn here, of our own text)
