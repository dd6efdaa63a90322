"""Accounts and roles: who may do what, and help for those who lost a password or a second factor."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.access import Form, Requires, signed_in
from api.account_work import existing_account, other_than_own
from api.caller import Caller
from api.console.rendering import redirect, render
from api.console.translation import language_of
from api.dependencies import ApiDependencies, Dependencies
from api.errors import ApiError
from api.identity.accounts import NewAccount, create_user, disable_user, end_all_sessions, reset_password
from api.identity.policy import role_policy
from api.identity.repository import list_users
from api.identity.second_factor import confirmed_accounts, take_away

router = APIRouter(include_in_schema=False)
Writer = Annotated[Caller, Depends(Requires("users:write", form=True))]


@router.get("/accounts")
def show(
    request: Request, dependencies: Dependencies, _caller: Annotated[Caller, Depends(Requires("users:read"))]
) -> Response:
    """All accounts, and what each role may do."""
    return _page(request, dependencies)


@router.post("/accounts")
def create(request: Request, dependencies: Dependencies, form: Form, caller: Writer) -> Response:
    """Make an account."""
    wanted = NewAccount(
        str(form.get("name", "")),
        str(form.get("password", "")),
        [str(each) for each in form.getlist("role")],
        str(form.get("display_name", "")),
        str(form.get("units", "")).replace(",", " ").split(),
        str(form.get("external_subject", "")) or None,
    )
    try:
        with dependencies.records.begin() as session:
            create_user(session, wanted, signed_in(caller).actor, caller.origin)
    except ApiError as error:
        return _page(request, dependencies, problem=str(error))
    return redirect("/accounts", "account_created")


@router.post("/accounts/{user_id}/reset-password")
def give_password(request: Request, user_id: str, dependencies: Dependencies, caller: Writer) -> Response:
    """Give a random password and show it, this once."""
    principal = other_than_own(user_id, caller)
    with dependencies.records.begin() as session:
        user = existing_account(session, user_id)
        password = reset_password(session, user.name, principal.actor, caller.origin)
    return _page(request, dependencies, secret=f"{user.name}  {password}")


@router.post("/accounts/{user_id}/disable")
def disable(user_id: str, dependencies: Dependencies, caller: Writer) -> Response:
    """Close an account."""
    principal = other_than_own(user_id, caller)
    with dependencies.records.begin() as session:
        disable_user(session, existing_account(session, user_id), principal.actor, caller.origin)
    return redirect("/accounts", "account_disabled")


@router.post("/accounts/{user_id}/end-sessions")
def end_sessions(user_id: str, dependencies: Dependencies, caller: Writer) -> Response:
    """End every session of an account at once."""
    principal = other_than_own(user_id, caller)
    with dependencies.records.begin() as session:
        end_all_sessions(session, existing_account(session, user_id), principal.actor, caller.origin)
    return redirect("/accounts", "session_ended")


@router.post("/accounts/{user_id}/remove-second-factor")
def remove_factor(user_id: str, dependencies: Dependencies, caller: Writer) -> Response:
    """Take a lost second factor away."""
    principal = other_than_own(user_id, caller)
    with dependencies.records.begin() as session:
        take_away(session, existing_account(session, user_id), principal.actor)
    return redirect("/accounts", "second_factor_off")


def _page(request: Request, dependencies: ApiDependencies, *, secret: str = "", problem: str = "") -> Response:
    policy, language = role_policy(), language_of(request)
    with dependencies.records.read() as session:
        context = {
            "active": "accounts",
            "accounts": list_users(session),
            "confirmed": confirmed_accounts(session),
            "roles": {name: getattr(role.label, language) for name, role in policy.roles.items()},
            "scopes_of": {
                name: [getattr(policy.scopes[scope], language) for scope in sorted(role.scopes)]
                for name, role in policy.roles.items()
            },
            "secret": secret,
            "problem": problem,
        }
    return render(request, "accounts.html", context, HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK)
