"""Webhooks: receivers with their state, one with its deliveries, and every attempt of a delivery."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field, ValidationError

from api import webhook_work as work
from api.access import Form, Requires, signed_in
from api.caller import Caller
from api.console.form_fields import text_of
from api.console.rendering import redirect, render
from api.dependencies import Dependencies, dependencies_of
from api.form_query import FormQuery
from api.playbook_documents import EndpointRequest
from api.problems import ProblemError, problem_of
from events import now_ms
from playbooks import PlaybookError
from playbooks.policy import run_policy
from registry.registers import UNITS
from registry.repository.listing import Paging, Search, list_entries

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Requires(work.READ))]
Writer = Annotated[Caller, Depends(Requires(work.WRITE, form=True))]
_A_PAGE = 50
_UNITS = 500


class DeliveryQuery(FormQuery):
    """Which deliveries."""

    cursor: Annotated[str, Field(max_length=1024)] | None = None


@router.get("/webhooks")
def show_list(request: Request, caller: Reader) -> Response:
    """The receivers."""
    return _list_page(request, caller)


@router.post("/webhooks")
def register(request: Request, dependencies: Dependencies, form: Form, caller: Writer) -> Response:
    """Register a receiver and show its secret, this once."""
    filled = {name: text_of(form, name) for name in ("name", "url", "unit")}
    try:
        body = EndpointRequest(name=filled["name"], url=filled["url"], unit_id=filled["unit"] or None)
        made = work.register(dependencies, body, caller)
    except ValidationError:
        too_long = ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_webhook", "name: at most 64 characters; url: at most 2048"
        )
        return _list_page(request, caller, problem=too_long, filled=filled)
    except PlaybookError as error:
        return _list_page(request, caller, problem=problem_of(error), filled=filled)
    return _page(request, made.endpoint.id, caller, secret=made.secret)


@router.get("/webhooks/deliveries/{delivery_id}")
def show_delivery(request: Request, delivery_id: str, dependencies: Dependencies, caller: Reader) -> Response:
    """One delivery with every attempt."""
    return _delivery_page(request, dependencies, delivery_id, caller)


@router.post("/webhooks/deliveries/{delivery_id}")
def redeliver(request: Request, delivery_id: str, dependencies: Dependencies, caller: Writer) -> Response:
    """Try a delivery again."""
    try:
        work.redeliver(dependencies, delivery_id, caller)
    except PlaybookError as error:
        return _delivery_page(request, dependencies, delivery_id, caller, problem_of(error))
    return redirect(f"/webhooks/deliveries/{delivery_id}", "webhook_redelivered")


@router.get("/webhooks/{endpoint_id}")
def show_one(request: Request, endpoint_id: str, query: Annotated[DeliveryQuery, Query()], caller: Reader) -> Response:
    """One receiver with its deliveries."""
    return _page(request, endpoint_id, caller, cursor=query.cursor)


@router.post("/webhooks/{endpoint_id}")
def act(request: Request, endpoint_id: str, dependencies: Dependencies, form: Form, caller: Writer) -> Response:
    """Try a receiver, give it a new secret, call it no more, or again."""
    action = text_of(form, "action")
    try:
        if action == "rotate":
            return _page(request, endpoint_id, caller, secret=work.rotate(dependencies, endpoint_id, caller).secret)
        if action == "try":
            tried = work.try_out(dependencies, endpoint_id, caller)
            return redirect(f"/webhooks/deliveries/{tried.id}", "webhook_tried")
        change = work.enable if action == "enable" else work.disable
        change(dependencies, endpoint_id, caller)
    except PlaybookError as error:
        return _page(request, endpoint_id, caller, problem=problem_of(error))
    return redirect(f"/webhooks/{endpoint_id}", "webhook_enabled" if action == "enable" else "webhook_disabled")


def _list_page(
    request: Request, caller: Caller, problem: ProblemError | None = None, filled: dict[str, str] | None = None
) -> Response:
    dependencies = dependencies_of(request)
    scope = signed_in(caller).unit_scope(work.READ)
    with dependencies.records.read() as session:
        units = list_entries(session, UNITS, scope, Search(), Paging(_UNITS))
    context = {
        "active": "webhooks",
        "endpoints": work.read_endpoints(dependencies, caller),
        "units": units,
        "needs_unit": not scope.is_everything,
        "filled": filled or {},
        "problem": problem,
    }
    return render(request, "webhooks.html", context, problem.status if problem else HTTPStatus.OK)


def _page(  # noqa: PLR0913 (what a page may have to show)
    request: Request,
    endpoint_id: str,
    caller: Caller,
    *,
    secret: str = "",
    cursor: str | None = None,
    problem: ProblemError | None = None,
) -> Response:
    dependencies = dependencies_of(request)
    context = {
        "active": "webhooks",
        "endpoint": work.read_endpoint(dependencies, endpoint_id, caller),
        "page": work.read_deliveries(dependencies, endpoint_id, _A_PAGE, cursor, caller),
        "policy": run_policy().webhooks,
        "now": now_ms(),
        "secret": secret,
        "problem": problem,
    }
    return render(request, "webhook.html", context, problem.status if problem else HTTPStatus.OK)


def _delivery_page(
    request: Request,
    dependencies: Dependencies,
    delivery_id: str,
    caller: Caller,
    problem: ProblemError | None = None,
) -> Response:
    delivery = work.read_delivery(dependencies, delivery_id, caller)
    context = {
        "active": "webhooks",
        "delivery": delivery,
        "endpoint": work.read_endpoint(dependencies, delivery.endpoint_id, caller),
        "problem": problem,
    }
    return render(request, "webhook_delivery.html", context, problem.status if problem else HTTPStatus.OK)
