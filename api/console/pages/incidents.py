"""The board of incidents by the five steps, and opening one: by hand, or from an alert."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from api.access import Form, Requires
from api.alert_events import load_alert
from api.caller import Caller
from api.console.clock_view import clock_views
from api.console.form_fields import moment_of, text_of
from api.console.formatting import half
from api.console.rendering import redirect, render
from api.console.response_words import ResponseWords
from api.console.translation import language_of
from api.dependencies import ApiDependencies, Dependencies
from api.incident_view import BoardQuery, open_incidents, view_board
from api.incident_work import READ, WRITE, scope_of
from api.problems import ProblemError, problem_of
from api.registry_work import editor
from events import now_ms
from incidents import IncidentError, NewIncident, link_alerts, open_incident
from registry.registers import SYSTEMS, UNITS
from registry.repository.listing import Paging, Search, list_entries

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Requires(READ))]
Writer = Annotated[Caller, Depends(Requires(WRITE, form=True))]
_CHOICES = 500


@router.get("/incidents")
def show_board(
    request: Request, query: Annotated[BoardQuery, Query()], dependencies: Dependencies, caller: Reader
) -> Response:
    """The incidents under way, a column a step; or those that are over."""
    words, now = ResponseWords(language_of(request)), now_ms()
    board = view_board(dependencies, query, caller)
    context = {
        "active": "incidents",
        "words": words,
        "query": query,
        "board": board,
        "clocks": {key: clock_views(each, words, now) for key, each in board.clocks.items()},
        "parameters": query.model_dump(mode="json", exclude_defaults=True),
    }
    return render(request, "incidents.html", context)


@router.get("/incidents/new")
def show_form(
    request: Request,
    dependencies: Dependencies,
    caller: Annotated[Caller, Depends(Requires(WRITE))],
    alert: str | None = None,
) -> Response:
    """The form for an incident, filled from an alert where one is named."""
    filled: dict[str, str] = {}
    if alert is not None:
        found = load_alert(dependencies, alert, caller)
        about = "\n".join(f"{name}: {value}" for name, value in found.entity.items())
        filled = {
            "alert": found.id,
            "title": half(found.rule_title, language_of(request)),
            "summary": about,
            "unit": found.unit_id or "",
            "system": found.system_id or "",
        }
    return _form_page(request, dependencies, caller, filled)


@router.post("/incidents/new")
def open_(request: Request, dependencies: Dependencies, form: Form, caller: Writer) -> Response:
    """Open an incident, or link the alert to one that is under way."""
    alert_ids = [text_of(form, "alert")] if text_of(form, "alert") else []
    try:
        with dependencies.records.begin() as session:
            by = editor(caller, WRITE)
            if into := text_of(form, "into"):
                link_alerts(session, into, alert_ids, by)
                return redirect(f"/incidents/{into}", "alert_linked")
            incident = open_incident(session, _asked(form, dependencies, alert_ids), by)
            return redirect(f"/incidents/{incident.id}", "incident_opened")
    except (IncidentError, ProblemError) as error:
        filled = {name: text_of(form, name) for name in form}
        return _form_page(request, dependencies, caller, filled, problem_of(error))


def _asked(form: Form, dependencies: ApiDependencies, alert_ids: list[str]) -> NewIncident:
    class_code, _, subclass_code = text_of(form, "class").partition("/")
    return NewIncident(
        title=text_of(form, "title"),
        class_code=class_code,
        subclass_code=subclass_code or None,
        summary=text_of(form, "summary"),
        unit_id=text_of(form, "unit") or None,
        system_id=text_of(form, "system") or None,
        discovered_ms=moment_of(form, "discovered", dependencies),
        alert_ids=tuple(alert_ids),
    )


def _form_page(
    request: Request,
    dependencies: ApiDependencies,
    caller: Caller,
    filled: dict[str, str],
    problem: ProblemError | None = None,
) -> Response:
    scope = scope_of(caller, WRITE)
    with dependencies.records.read() as session:
        units = list_entries(session, UNITS, scope, Search(), Paging(_CHOICES))
        systems = list_entries(session, SYSTEMS, scope, Search(), Paging(_CHOICES))
    context: dict[str, Any] = {
        "active": "incidents",
        "words": ResponseWords(language_of(request)),
        "filled": filled,
        "units": units,
        "systems": systems,
        "others": open_incidents(dependencies, caller) if filled.get("alert") else [],
        "problem": problem,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return render(request, "incident_new.html", context, status)
