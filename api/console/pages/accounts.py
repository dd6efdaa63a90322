"""Accounts and roles: who may do what, and help for those who lost a password or a second factor."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.access import Form, Requires
from api.account_work import asked_by, existing_account, other_than_own
from api.caller import Caller
from api.console.rendering import redirect, render
from api.console.translation import language_of
from api.dependencies import ApiDependencies, Dependencies
from api.errors import ApiError
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
from api.identity.policy import role_policy
from api.identity.repository import list_users
from api.identity.second_factor import confirmed_accounts
from api.problems import ProblemError, problem_of


@dataclass(frozen=True, slots=True)
class _Secret:
    """A new password as it is shown, once, and whether it works only when it is approved."""

    text: str = field(repr=False)
    waits: bool = False


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
        str(form.get("email", "")).strip(),
    )
    try:
        with dependencies.records.begin() as session:
            made = make_account(session, wanted, asked_by(caller))
    except ApiError as error:
        return _page(request, dependencies, problem=problem_of(error))
    return _waits() if isinstance(made, AccountRequest) else redirect("/accounts", "account_created")


@router.post("/accounts/{user_id}/roles")
def change_roles(request: Request, user_id: str, dependencies: Dependencies, form: Form, caller: Writer) -> Response:
    """Give an account other roles, units and another mail address."""
    other_than_own(user_id, caller)
    by, units = asked_by(caller), str(form.get("units", "")).replace(",", " ").split()
    change = RoleChange([str(each) for each in form.getlist("role")], units)
    try:
        with dependencies.records.begin() as session:
            user = existing_account(session, user_id)
            if (email := str(form.get("email", "")).strip()) != (user.email or ""):
                set_email(session, user, email, by.principal.actor, by.origin)
            if (sorted(set(change.roles)), sorted(set(units))) == (user.roles, user.units or []):
                return redirect("/accounts", "account_changed")
            made = change_account_roles(session, user, change, by)
    except ApiError as error:
        return _page(request, dependencies, problem=problem_of(error))
    return _waits() if isinstance(made, AccountRequest) else redirect("/accounts", "account_changed")


@router.post("/accounts/{user_id}/reset-password")
def reset_password(request: Request, user_id: str, dependencies: Dependencies, caller: Writer) -> Response:
    """Give a random password and show it, this once."""
    other_than_own(user_id, caller)
    try:
        with dependencies.records.begin() as session:
            user = existing_account(session, user_id)
            password, waits = give_password(session, user, asked_by(caller))
    except ApiError as error:
        return _page(request, dependencies, problem=problem_of(error))
    return _page(request, dependencies, _Secret(f"{user.name}  {password}", waits=waits is not None))


@router.post("/accounts/{user_id}/disable")
def disable(request: Request, user_id: str, dependencies: Dependencies, caller: Writer) -> Response:
    """Close an account."""
    other_than_own(user_id, caller)
    try:
        with dependencies.records.begin() as session:
            close_account(session, existing_account(session, user_id), asked_by(caller))
    except ApiError as error:
        return _page(request, dependencies, problem=problem_of(error))
    return redirect("/accounts", "account_disabled")


@router.post("/accounts/{user_id}/end-sessions")
def end_sessions(user_id: str, dependencies: Dependencies, caller: Writer) -> Response:
    """End every session of an account at once."""
    principal = other_than_own(user_id, caller)
    with dependencies.records.begin() as session:
        end_all_sessions(session, existing_account(session, user_id), principal.actor, caller.origin)
    return redirect("/accounts", "session_ended")


@router.post("/accounts/{user_id}/remove-second-factor")
def remove_factor(request: Request, user_id: str, dependencies: Dependencies, caller: Writer) -> Response:
    """Take a lost second factor away."""
    other_than_own(user_id, caller)
    try:
        with dependencies.records.begin() as session:
            waits = take_factor_away(session, existing_account(session, user_id), asked_by(caller))
    except ApiError as error:
        return _page(request, dependencies, problem=problem_of(error))
    return _waits() if waits else redirect("/accounts", "second_factor_off")


def _waits() -> Response:
    return redirect("/account-requests", "account_waits")


def _page(
    request: Request,
    dependencies: ApiDependencies,
    secret: _Secret | None = None,
    *,
    problem: ProblemError | None = None,
) -> Response:
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
