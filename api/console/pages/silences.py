"""Silences: those that last, and a form for a new one."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError

from api.access import Form, Requires
from api.alert_events import load_alert
from api.caller import Caller
from api.console.rendering import redirect, render
from api.dependencies import ApiDependencies, Dependencies
from api.problems import ProblemError, problem_of
from api.routes.silences import SilenceRequest
from api.tuning_views import read_silences
from api.tuning_work import save_silence, stop_silence
from detection.tuning import MATCHER_KINDS, TuningError, tuning_policy
from events import now_ms

router = APIRouter(include_in_schema=False)
Writer = Annotated[Caller, Depends(Requires("silences:write", form=True))]


@router.get("/silences")
def show(
    request: Request,
    dependencies: Dependencies,
    caller: Annotated[Caller, Depends(Requires("silences:read"))],
    *,
    alert: str | None = None,
    ended: bool = False,
) -> Response:
    """The silences, and a form that an alert fills."""
    filled: dict[str, Any] = {}
    if alert is not None:
        found = load_alert(dependencies, alert, caller)
        entities = [f"{name}={value}" for name, value in found.entity.items()]
        filled = {"rules": found.rule_id, "entities": "\n".join(entities)}
    return _page(request, dependencies, filled, ended=ended)


@router.post("/silences")
def begin(request: Request, dependencies: Dependencies, form: Form, caller: Writer) -> Response:
    """Begin a silence."""
    filled = {name: str(form.get(name, "")) for name in (*MATCHER_KINDS, "starts", "ends", "reason")}
    lists = {kind: filled[kind].splitlines() for kind in MATCHER_KINDS}
    try:
        asked = SilenceRequest.model_validate(filled | lists)
        save_silence(dependencies, asked.wanted(dependencies), caller)
    except (TuningError, ProblemError) as error:
        return _page(request, dependencies, filled, problem=problem_of(error))
    except ValidationError as error:
        told = "; ".join(f"{each['loc'][0]}: {each['msg']}" for each in error.errors(include_input=False))
        problem = ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_tuning", told)
        return _page(request, dependencies, filled, problem=problem)
    return redirect("/silences", "silence_begun")


@router.post("/silences/{silence_id}")
def end(silence_id: str, dependencies: Dependencies, caller: Writer) -> Response:
    """End a silence now."""
    stop_silence(dependencies, silence_id, caller)
    return redirect("/silences", "silence_ended")


def _page(
    request: Request,
    dependencies: ApiDependencies,
    filled: dict[str, Any],
    *,
    ended: bool = False,
    problem: ProblemError | None = None,
) -> Response:
    context = {
        "active": "silences",
        "silences": read_silences(dependencies, ended=ended),
        "ended": ended,
        "kinds": MATCHER_KINDS,
        "filled": filled,
        "problem": problem,
        "now": now_ms(),
        "maximum_days": tuning_policy().silences.maximum_days,
    }
    return render(request, "silences.html", context, HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK)
