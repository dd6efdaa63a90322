"""Playbooks: their list, the check of a new one, and one with its dry run and its start."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError

from api.access import Form, Requires, signed_in
from api.alert_query import alert_scope
from api.caller import Caller
from api.console.form_fields import text_of
from api.console.rendering import redirect, render
from api.console.run_words import RunWords
from api.console.translation import language_of
from api.dependencies import ApiDependencies, Dependencies, dependencies_of
from api.playbook_documents import RunRequest
from api.playbook_views import playbook_detail, playbook_document
from api.problems import ProblemError, problem_of
from api.registry_work import editor
from api.routes.playbooks import READ, WRITE
from api.run_work import WRITE as START
from api.run_work import start
from detection.alerts import Alert
from incidents import IncidentError, linked_alert_ids
from incidents.repository.around import alerts_of
from incidents.repository.lookup import incident_of
from playbooks import (
    Credentials,
    InvalidPlaybookError,
    PlaybookError,
    add_playbook,
    get_playbook,
    list_playbooks,
    proposals,
)
from playbooks.cacao import load_playbook
from playbooks.runs.dry_run import DryStep, dry_run

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Requires(READ))]
FormReader = Annotated[Caller, Depends(Requires(READ, form=True))]
Starter = Annotated[Caller, Depends(Requires(START, form=True))]
_ALERTS = 50
_VARIABLE = "variable."


@router.get("/playbooks")
def show_list(request: Request, dependencies: Dependencies, caller: Reader, incident: str = "") -> Response:
    """The playbooks; for an incident, those that policy proposes for its alerts first."""
    return _list_page(request, dependencies, caller, {"incident": incident})


@router.post("/playbooks")
def check(request: Request, dependencies: Dependencies, form: Form, caller: FormReader) -> Response:
    """Check a text, and add it where that is asked."""
    text, wants = text_of(form, "text"), text_of(form, "action")
    try:
        if wants != "add":
            load_playbook(text)
            return _list_page(request, dependencies, caller, {"text": text, "is_valid": True})
        if not signed_in(caller).may(WRITE):
            raise ProblemError(HTTPStatus.FORBIDDEN, "scope_missing", f"This needs the scope {WRITE}")
        with dependencies.records.begin() as session:
            added = add_playbook(session, text, editor(caller, WRITE).by, Credentials(dependencies.secrets_key))
            return redirect(f"/playbooks/{added.loaded.playbook.id}", "playbook_added")
    except InvalidPlaybookError as error:
        return _list_page(request, dependencies, caller, {"text": text, "problems": error.problems})
    except PlaybookError as error:
        return _list_page(request, dependencies, caller, {"text": text, "refused": str(error)})


@router.get("/playbooks/{playbook_id}")
def show_one(request: Request, playbook_id: str, caller: Reader, incident: str = "", alert: str = "") -> Response:
    """One playbook, its values filled from an alert where policy says how."""
    filled = {"incident": incident, "alert": alert}
    return _page(request, playbook_id, filled | _given(dependencies_of(request), caller, playbook_id, filled))


@router.post("/playbooks/{playbook_id}/dry-run")
def try_out(request: Request, playbook_id: str, dependencies: Dependencies, form: Form, caller: FormReader) -> Response:
    """Exactly what it would do with these values."""
    filled = {name: text_of(form, name) for name in form}
    try:
        with dependencies.records.read() as session:
            playbook = get_playbook(session, playbook_id).loaded.playbook
            steps = dry_run(session, playbook, _variables(filled), editor(caller, READ))
    except PlaybookError as error:
        return _page(request, playbook_id, filled, problem=problem_of(error))
    return _page(request, playbook_id, filled, steps)


@router.post("/playbooks/{playbook_id}/start")
def begin(request: Request, playbook_id: str, dependencies: Dependencies, form: Form, caller: Starter) -> Response:
    """Start a run."""
    filled = {name: text_of(form, name) for name in form}
    named = {f"{name}_id": filled.get(name) or None for name in ("incident", "alert", "unit")}
    try:
        asked = RunRequest.model_validate({"playbook_id": playbook_id, "variables": _variables(filled), **named})
        run = start(dependencies, asked, caller)
    except (PlaybookError, ProblemError, IncidentError) as error:
        return _page(request, playbook_id, filled, problem=problem_of(error))
    except ValidationError as error:
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_parameters", "A value is too long") from error
    return redirect(f"/runs/{run.id}", "run_started")


def _variables(filled: Mapping[str, str]) -> dict[str, str | None]:
    return {name.removeprefix(_VARIABLE): value for name, value in filled.items() if name.startswith(_VARIABLE)}


def _alerts(dependencies: ApiDependencies, caller: Caller, incident_id: str) -> list[Alert]:
    """The alerts of an incident that the caller may see."""
    if not incident_id or not signed_in(caller).may("incidents:read"):
        return []
    with dependencies.records.read() as session:
        incident = incident_of(session, signed_in(caller).unit_scope("incidents:read"), incident_id)
        return alerts_of(session, alert_scope(caller), linked_alert_ids(session, incident.id)[:_ALERTS])


def _given(
    dependencies: ApiDependencies, caller: Caller, playbook_id: str, filled: Mapping[str, str]
) -> dict[str, str]:
    alerts = [each for each in _alerts(dependencies, caller, filled["incident"]) if each.id == filled["alert"]]
    with dependencies.records.read() as session:
        for proposed in proposals(session, alerts):
            if proposed.playbook.id == playbook_id:
                return {f"{_VARIABLE}{name}": value or "" for name, value in proposed.variables.items()}
    return {}


def _list_page(request: Request, dependencies: ApiDependencies, caller: Caller, more: Mapping[str, Any]) -> Response:
    alerts = _alerts(dependencies, caller, str(more.get("incident", "")))
    with dependencies.records.read() as session:
        context = {
            "active": "playbooks",
            "words": RunWords(language_of(request)),
            "playbooks": [playbook_document(each) for each in list_playbooks(session)],
            "proposed": [(alert, proposal) for alert in alerts for proposal in proposals(session, [alert])],
            "incident": "",
            "text": "",
            "is_valid": False,
            "problems": (),
            "refused": "",
        }
    is_wrong = more.get("problems") or more.get("refused")
    return render(
        request, "playbooks.html", context | dict(more), HTTPStatus.UNPROCESSABLE_ENTITY if is_wrong else HTTPStatus.OK
    )


def _page(
    request: Request,
    playbook_id: str,
    filled: Mapping[str, str],
    steps: list[DryStep] | None = None,
    problem: ProblemError | None = None,
) -> Response:
    with dependencies_of(request).records.read() as session:
        listed = get_playbook(session, playbook_id)
        playbook = listed.loaded.playbook
        context = {
            "active": "playbooks",
            "words": RunWords(language_of(request)),
            "playbook": playbook_detail(listed),
            "workflow": playbook.workflow,
            "values": {name: each.value or "" for name, each in playbook.playbook_variables.items() if each.external},
            "filled": filled,
            "steps": steps,
            "problem": problem,
        }
    return render(request, "playbook.html", context, problem.status if problem else HTTPStatus.OK)
