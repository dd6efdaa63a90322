"""Grants: their list with today's use, and one with its terms, use, history and the steps that may be taken."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.access import Form, Requires
from api.caller import Caller
from api.console.data_words import DataWords
from api.console.form_fields import text_of
from api.console.rendering import redirect, render
from api.console.translation import language_of
from api.dependencies import Dependencies
from api.grant_view import GrantListQuery, Use, list_grants, view_grant
from api.problems import ProblemError
from api.registry_work import APPROVE, READ, editor
from events import now_ms
from registry import GrantState, sharing_policy
from registry.grants import GrantStep, move_grant, needs_reason, steps_from

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Requires(READ))]


@router.get("/grants")
def show_list(
    request: Request, query: Annotated[GrantListQuery, Query()], dependencies: Dependencies, caller: Reader
) -> Response:
    """The grants of a filter."""
    context = {
        "active": "grants",
        "words": DataWords(language_of(request)),
        "query": query,
        "page": list_grants(dependencies, query, caller),
        "states": [state.value for state in GrantState],
        "nothing": Use(),
        "now": now_ms(),
        "parameters": query.model_dump(mode="json", exclude_defaults=True, exclude={"cursor"}),
    }
    return render(request, "grants.html", context)


@router.get("/grants/{grant_id}")
def show_one(request: Request, grant_id: str, dependencies: Dependencies, caller: Reader) -> Response:
    """One grant."""
    return _page(request, grant_id, dependencies, caller)


@router.post("/grants/{grant_id}")
def act(
    request: Request,
    grant_id: str,
    dependencies: Dependencies,
    form: Form,
    caller: Annotated[Caller, Depends(Requires(APPROVE, form=True))],
) -> Response:
    """Approve, suspend, resume or revoke a grant."""
    try:
        step = GrantStep(str(form.get("action", "")))
    except ValueError as error:
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_step", "Approve, suspend, resume or revoke the grant"
        ) from error
    reason = text_of(form, "reason")
    if needs_reason(step) and not reason:
        return _page(request, grant_id, dependencies, caller, refused="reason_missing")
    if len(reason) > sharing_policy().grants.reason_maximum_length:
        return _page(request, grant_id, dependencies, caller, refused="reason_too_long")
    with dependencies.records.begin() as session:
        move_grant(session, grant_id, step, editor(caller, APPROVE), reason or None)
    return redirect(f"/grants/{grant_id}", f"grant_{step.value}")


def _page(
    request: Request, grant_id: str, dependencies: Dependencies, caller: Caller, *, refused: str = ""
) -> Response:
    """A grant's page; ``refused`` says why a step was not taken."""
    view = view_grant(dependencies, grant_id, caller)
    steps = steps_from(view.grant.state) if view.may_decide else ()
    context = {
        "active": "grants",
        "words": DataWords(language_of(request)),
        "view": view,
        "grant": view.grant,
        "steps": [step.value for step in steps],
        "refused": refused,
        "longest_reason": sharing_policy().grants.reason_maximum_length,
        "changeable": view.grant.state is GrantState.REQUESTED,
        "extendable": view.grant.state in {GrantState.APPROVED, GrantState.EXPIRED},
        "nothing": Use(),
        "now": now_ms(),
    }
    return render(request, "grant.html", context, HTTPStatus.CONFLICT if refused else HTTPStatus.OK)
