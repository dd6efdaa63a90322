"""One incident: where it stands, what its clocks say, what was done, and what there is to do now."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from api.access import Form, Requires
from api.caller import Caller
from api.console.clock_view import clock_views
from api.console.form_fields import files_of
from api.console.incident_steps import INCIDENT_STEPS, IncidentForm
from api.console.rendering import redirect, render
from api.console.response_words import ResponseWords
from api.console.translation import language_of
from api.dependencies import ApiDependencies, Dependencies
from api.incident_view import view_incident
from api.incident_work import MAXIMUM_UPLOAD_BYTES, READ, WRITE, attached
from api.problems import ProblemError, problem_of
from api.registry_work import editor
from events import now_ms
from incidents import (
    BusinessLoss,
    Importance,
    Incident,
    IncidentError,
    IncidentState,
    ReportKind,
    SocialHarm,
    Subject,
)
from incidents.flow import STEPS, flow_policy
from incidents.repository.listing import is_overdue

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Requires(READ))]
Writer = Annotated[Caller, Depends(Requires(WRITE, form=True))]
_FIGURES = (
    "persons",
    "loss_yuan",
    "people_affected",
    "infrastructure_minutes",
    "portal_minutes",
    "tampered_home_minutes",
)


@router.get("/incidents/{incident_id}")
def show(request: Request, incident_id: str, dependencies: Dependencies, caller: Reader) -> Response:
    """The incident's page."""
    return _page(request, dependencies, incident_id, caller)


@router.post("/incidents/{incident_id}")
def act(request: Request, incident_id: str, dependencies: Dependencies, form: Form, caller: Writer) -> Response:
    """One step with the incident; what is refused is said on the page."""
    asked = IncidentForm(dependencies, incident_id, form)
    step = INCIDENT_STEPS.get(asked.text("action"))
    if step is None:
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_step", "Choose what to do")
    try:
        with dependencies.records.begin() as session:
            step(asked, session, editor(caller, WRITE))
    except (IncidentError, ProblemError) as error:
        return _page(request, dependencies, incident_id, caller, problem_of(error))
    return redirect(f"/incidents/{incident_id}", f"incident_{asked.text('action')}")


@router.post("/incidents/{incident_id}/attachments", max_body_size=MAXIMUM_UPLOAD_BYTES)
def upload(request: Request, incident_id: str, dependencies: Dependencies, form: Form, caller: Writer) -> Response:
    """Attach a file."""
    try:
        for file in files_of(form) or [("", b"")]:
            attached(dependencies, caller, WRITE, (Subject.INCIDENT, incident_id), file)
    except (IncidentError, ProblemError) as error:
        return _page(request, dependencies, incident_id, caller, problem_of(error))
    return redirect(f"/incidents/{incident_id}", "file_attached")


def _page(
    request: Request,
    dependencies: ApiDependencies,
    incident_id: str,
    caller: Caller,
    problem: ProblemError | None = None,
) -> Response:
    view, now = view_incident(dependencies, incident_id, caller), now_ms()
    words = ResponseWords(language_of(request))
    context = {
        "active": "incidents",
        "words": words,
        "view": view,
        "alert_titles": {alert.id: alert.rule_title for alert in view.alerts},
        "incident": view.incident,
        "clocks": clock_views(view.clocks, words, now),
        "overdue": {notice.id for notice in view.notices if is_overdue(notice, now)},
        "problem": problem,
    }
    status = problem.status if problem else HTTPStatus.OK
    return render(request, "incident.html", context | _choices(view.incident), status)


def _choices(incident: Incident) -> dict[str, Any]:
    """What may be done with an incident where it stands."""
    policy, state = flow_policy(), IncidentState(incident.state)
    is_open = state in STEPS
    position = STEPS.index(state) if is_open else len(STEPS)
    after = STEPS[position + 1] if position + 1 < len(STEPS) else None
    passes = policy.steps[state].passes_to if is_open else frozenset()
    return {
        "is_open": is_open,
        "position": position,
        "next_step": after if after in passes else None,
        "other_steps": [step for step in STEPS if step in passes and step != after],
        "conclusions": [code for code, each in policy.conclusions.items() if state in each.starts],
        "reopens_to": [step for step in STEPS if step in policy.reopens_to],
        "report_kinds": list(ReportKind),
        "weights": {"importance": Importance, "business_loss": BusinessLoss, "social_harm": SocialHarm},
        "figures": _FIGURES,
    }
