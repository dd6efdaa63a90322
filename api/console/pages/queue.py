"""The alert queue."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from api.access import Form, Requires
from api.alert_query import AlertQuery, alert_scope
from api.caller import Caller
from api.console.histograms import LEVELS, alert_chart
from api.console.rendering import redirect, render
from api.dependencies import ApiDependencies, Dependencies
from api.problems import ProblemError
from detection.alerts import AlertFilter, AlertState, Disposition, counts
from incidents import Step, StepKind, disposition_policy, triage_many
from registry import UnitScope

router = APIRouter(include_in_schema=False)
_OPEN = [AlertState.NEW, AlertState.ACKNOWLEDGED]
RANGES = ("now-1h", "now-24h", "now-7d", "now-30d")


@router.get("/alerts")
def show(
    request: Request,
    query: Annotated[AlertQuery, Query()],
    dependencies: Dependencies,
    caller: Annotated[Caller, Depends(Requires("alerts:read"))],
) -> Response:
    """The alerts of a filter; without a state, those still open."""
    chosen = query if query.state else query.model_copy(update={"state": _OPEN})
    page, cursor = chosen.page(dependencies, caller)
    context: dict[str, Any] = {
        "active": "queue",
        "query": query,
        "alerts": page.alerts,
        "next_cursor": cursor,
        "levels": LEVELS,
        "ranges": RANGES,
        "shown_states": chosen.state,
        "states": [state.value for state in AlertState],
        "dispositions": disposition_policy().dispositions,
        "parameters": query.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"cursor"}),
    }
    summary = _summary(dependencies, alert_scope(caller), chosen.criteria(dependencies))
    return render(request, "queue.html", context | summary)


def _summary(dependencies: ApiDependencies, scope: UnitScope, criteria: AlertFilter) -> dict[str, Any]:
    """Counts beside each choice, as if that choice alone were open, and the chart."""
    with dependencies.records.read() as session:
        return {
            "state_counts": counts(session, scope, replace(criteria, states=()), "state"),
            "level_counts": counts(session, scope, replace(criteria, levels=()), "level"),
            "silenced_count": sum(counts(session, scope, replace(criteria, silenced="only"), "state").values()),
            "total": sum(counts(session, scope, criteria, "state").values()),
            "chart": alert_chart(session, scope, criteria),
        }


@router.post("/alerts")
def act(
    dependencies: Dependencies,
    form: Form,
    caller: Annotated[Caller, Depends(Requires("alerts:triage", form=True))],
) -> Response:
    """One step with all selected alerts."""
    step, back = step_of(form), str(form.get("back", "/alerts"))
    selected = [str(alert_id) for alert_id in form.getlist("alert_id")]
    if not selected:
        return redirect(back, "nothing_selected")
    with dependencies.records.begin() as session:
        outcome = triage_many(session, selected, step, caller.as_triager())
    failed = f":{len(outcome.failed)}" if outcome.failed else ""
    return redirect(back, f"{'triaged_some' if failed else 'triaged'}:{len(outcome.changed)}{failed}")


def step_of(form: Form) -> Step:
    """The step that a form asks for.

    Raises:
        ProblemError: the form names a step or disposition that there is none of.
    """
    try:
        kind = StepKind(str(form.get("action", "")))
        disposition = Disposition(str(form.get("disposition", ""))) if kind is StepKind.CLOSE else None
    except ValueError as error:
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_step", "Choose what to do, and for closing a disposition"
        ) from error
    comment = str(form.get("comment", "")).strip() or None
    return Step(kind, comment, disposition, str(form.get("assignee", "")) or None)
