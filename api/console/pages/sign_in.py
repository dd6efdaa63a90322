"""Sign in and out; the root leads to where somebody's work begins."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.access import Form, Requires, check_same_origin, signed_in
from api.caller import Caller, caller_of
from api.console.navigation import first_page
from api.console.rendering import local_path, redirect, render
from api.cookies import clear_session_cookie, set_session_cookie
from api.dependencies import Dependencies
from api.identity import Presented, Refusal, end_session, sign_in

router = APIRouter(include_in_schema=False)


@router.get("/")
def root(caller: Annotated[Caller, Depends(Requires(None))]) -> Response:
    """To the queue, or to the first page that the caller may open."""
    return redirect(first_page(caller.principal))


@router.get("/sign-in")
def show_form(request: Request) -> Response:
    """The form."""
    following = local_path(request.query_params.get("next", "/"))
    return render(request, "sign_in.html", {"refused": "", "next": following, "name": ""})


@router.post("/sign-in")
def submit(request: Request, dependencies: Dependencies, form: Form) -> Response:
    """Check the password; the old session, if any, is not reused."""
    check_same_origin(request)
    name, following = str(form.get("name", "")), local_path(form.get("next", "/"))
    presented = Presented(name, str(form.get("password", "")), str(form.get("code", "")))
    outcome = sign_in(dependencies.records, presented, caller_of(request).origin, dependencies.second_factor_box())
    if isinstance(outcome, Refusal):
        refused = "code" if outcome is Refusal.CODE_MISSING else "refused"
        context = {"refused": refused, "next": following, "name": name}
        return render(request, "sign_in.html", context, HTTPStatus.UNAUTHORIZED)
    response = redirect("/account" if outcome.principal.must_enroll else following)
    set_session_cookie(response, dependencies.settings, outcome)
    return response


@router.post("/sign-out")
def sign_out(dependencies: Dependencies, caller: Annotated[Caller, Depends(Requires(None, form=True))]) -> Response:
    """End the session."""
    with dependencies.records.begin() as session:
        end_session(session, signed_in(caller), caller.origin)
    response = redirect("/sign-in")
    clear_session_cookie(response, dependencies.settings)
    return response
