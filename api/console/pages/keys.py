"""One's own API keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.access import Form, Requires, signed_in
from api.account_work import asked_by
from api.caller import Caller
from api.console.rendering import redirect, render
from api.console.translation import language_of
from api.dependencies import ApiDependencies, Dependencies
from api.errors import ApiError
from api.identity import revoke_api_key, role_policy, sign_in_policy
from api.identity.account_requests import AccountRequest, make_key
from api.identity.api_keys import NewApiKey
from api.identity.principal import Principal
from api.identity.repository import list_api_keys
from api.problems import ProblemError, problem_of
from events import now_ms


@dataclass(frozen=True, slots=True)
class _Secret:
    """A new key as it is shown, once, and whether it works only when it is approved."""

    text: str = field(repr=False)
    waits: bool = False


router = APIRouter(include_in_schema=False)
Writer = Annotated[Caller, Depends(Requires("api-keys:write", form=True))]


@router.get("/api-keys")
def show(
    request: Request, dependencies: Dependencies, caller: Annotated[Caller, Depends(Requires("api-keys:read"))]
) -> Response:
    """The caller's keys."""
    return _page(request, dependencies, signed_in(caller))


@router.post("/api-keys")
def create(request: Request, dependencies: Dependencies, form: Form, caller: Writer) -> Response:
    """Make a key and show its secret, this once."""
    principal, days = signed_in(caller), str(form.get("days", ""))
    scopes = [str(each) for each in form.getlist("scope")]
    wanted = NewApiKey(str(form.get("name", "")), scopes, int(days) if days.isdecimal() else None)
    try:
        with dependencies.records.begin() as session:
            secret, made = make_key(session, wanted, asked_by(caller))
    except ApiError as error:
        return _page(request, dependencies, principal, problem=problem_of(error))
    return _page(request, dependencies, principal, _Secret(secret, waits=isinstance(made, AccountRequest)))


@router.post("/api-keys/{key_id}")
def revoke(key_id: str, dependencies: Dependencies, caller: Writer) -> Response:
    """End a key for good."""
    with dependencies.records.begin() as session:
        revoke_api_key(session, key_id, signed_in(caller), caller.origin)
    return redirect("/api-keys", "key_revoked")


def _page(
    request: Request,
    dependencies: ApiDependencies,
    principal: Principal,
    secret: _Secret | None = None,
    *,
    problem: ProblemError | None = None,
) -> Response:
    with dependencies.records.read() as session:
        keys = list_api_keys(session, principal.user_id)
    labels = role_policy().scopes
    language = language_of(request)
    context = {
        "active": "keys",
        "keys": keys,
        "now": now_ms(),
        "secret": secret,
        "problem": problem,
        "scopes": {scope: getattr(labels[scope], language) for scope in sorted(principal.scopes)},
        "default_days": sign_in_policy().api_key.default_days,
        "maximum_days": sign_in_policy().api_key.maximum_days,
    }
    return render(request, "keys.html", context, HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK)
