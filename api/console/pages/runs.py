"""Runs of playbooks: their list, and one with its steps, actions, calls, approvals and what it waits for."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field, ValidationError

from api.access import Form, Requires, signed_in
from api.caller import Caller
from api.console.answer_fields import answer_fields, filled_in
from api.console.form_fields import text_of
from api.console.rendering import redirect, render
from api.console.run_words import RunWords
from api.console.translation import language_of
from api.dependencies import ApiDependencies, Dependencies, dependencies_of
from api.form_query import FormQuery
from api.playbook_documents import AnswerRequest, DeliveryDetail, RunDetail
from api.playbook_views import delivery_detail
from api.problems import ProblemError, problem_of
from api.routes.runs import RunStateName
from api.run_work import READ, WRITE, answer, cancel, read_run, read_runs
from detection.alerts import get_alert
from incidents.repository.around import incidents_with
from playbooks import PlaybookError, WebhookNotFoundError
from playbooks.runs.vocabulary import HistoryKind
from playbooks.webhooks.repository import get_delivery

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Requires(READ))]
Writer = Annotated[Caller, Depends(Requires(WRITE, form=True))]
_WEBHOOK = "fengsui-webhook"
_A_PAGE = 50
_PERSON_ANSWERS = ("answer", "unknown")


class RunQuery(FormQuery):
    """Which runs."""

    state: RunStateName | None = None
    incident: Annotated[str, Field(max_length=64)] | None = None
    playbook: Annotated[str, Field(max_length=250)] | None = None
    cursor: Annotated[str, Field(max_length=1024)] | None = None


@router.get("/runs")
def show_list(
    request: Request, query: Annotated[RunQuery, Query()], dependencies: Dependencies, caller: Reader
) -> Response:
    """The runs, the newest first."""
    filters: dict[str, str | None] = {
        "state": query.state,
        "incident_id": query.incident,
        "alert_id": None,
        "playbook_id": query.playbook,
    }
    context = {
        "active": "runs",
        "words": RunWords(language_of(request)),
        "query": query,
        "page": read_runs(dependencies, filters, _A_PAGE, query.cursor, caller),
        "states": ("running", "waiting", "succeeded", "failed", "rejected", "cancelled"),
        "parameters": query.model_dump(exclude_defaults=True, exclude={"cursor"}),
    }
    return render(request, "runs.html", context)


@router.get("/runs/{run_id}")
def show_one(request: Request, run_id: str, caller: Reader) -> Response:
    """One run."""
    return _page(request, run_id, caller)


@router.post("/runs/{run_id}")
def act(request: Request, run_id: str, dependencies: Dependencies, form: Form, caller: Writer) -> Response:
    """Cancel a run, or answer what it asks."""
    action = text_of(form, "action")
    try:
        if action == "cancel":
            cancel(dependencies, run_id, text_of(form, "reason"), caller)
        else:
            waiting = read_run(dependencies, run_id, caller, again=True).waiting
            asked = {str(each.token): each.question for each in waiting}
            answer(dependencies, run_id, _said(form, asked.get(text_of(form, "token"))), caller)
    except (PlaybookError, ProblemError) as error:
        return _page(request, run_id, caller, problem_of(error))
    return redirect(f"/runs/{run_id}", "run_cancelled" if action == "cancel" else "run_answered")


def _said(form: Form, question: dict[str, Any] | None) -> AnswerRequest:
    texts = {name.removeprefix("value."): text_of(form, name) for name in form if name.startswith("value.")}
    asked: dict[str, Any] = {
        "token": text_of(form, "token"),
        "verdict": text_of(form, "verdict") or "done",
        "values": filled_in(question, texts),
        "reason": text_of(form, "reason"),
    }
    try:
        return AnswerRequest.model_validate(asked)
    except ValidationError as error:
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_parameters", "The answer is not complete; fill it in again"
        ) from error


def _page(request: Request, run_id: str, caller: Caller, problem: ProblemError | None = None) -> Response:
    dependencies = dependencies_of(request)
    run = read_run(dependencies, run_id, caller, again="fengsui-passive" in request.headers)
    context = {
        "active": "runs",
        "words": RunWords(language_of(request)),
        "run": run,
        "is_over": run.ended is not None,
        "questions": [each for each in run.waiting if each.wait in _PERSON_ANSWERS],
        "fields": {each.token: answer_fields(each.question) for each in run.waiting},
        "failed_steps": _failed_steps(run),
        "deliveries": _deliveries(dependencies, run, caller),
        "titles": _titles(dependencies, run, caller),
        "problem": problem,
    }
    return render(request, "run.html", context, problem.status if problem else HTTPStatus.OK)


def _titles(dependencies: ApiDependencies, run: RunDetail, caller: Caller) -> dict[str, str]:
    """What the run's alert and incident are called, as far as the caller may see them."""
    titles, person = {"alert": "", "incident": "", "number": ""}, signed_in(caller)
    if run.alert_id is None:
        return titles
    with dependencies.records.read() as session:
        if person.may("alerts:read") and (alert := get_alert(session, person.unit_scope("alerts:read"), run.alert_id)):
            titles["alert"] = alert.rule_title
        if person.may("incidents:read"):
            for each in incidents_with(session, person.unit_scope("incidents:read"), run.alert_id):
                if each.id == run.incident_id:
                    titles |= {"number": f"#{each.number}", "incident": each.title}
    return titles


def _failed_steps(run: RunDetail) -> list[tuple[str, str]]:
    """The steps that failed, each with why; a run that ended well went on from them as its playbook says."""
    return [
        (run.step_names.get(line.step_id or "", line.step_id or ""), line.text)
        for line in run.history
        if (line.kind, line.code) == (HistoryKind.STEP, "failed")
    ]


def _deliveries(dependencies: ApiDependencies, run: RunDetail, caller: Caller) -> dict[str, DeliveryDetail]:
    """The deliveries of a run's calls by the operation's id, for those who may see the receivers."""
    if not signed_in(caller).may("webhooks:read"):
        return {}
    scope, found = signed_in(caller).unit_scope("webhooks:read"), {}
    with dependencies.records.read() as session:
        for operation in run.operations:
            if operation.kind == _WEBHOOK:
                try:
                    found[operation.id] = delivery_detail(session, get_delivery(session, scope, operation.id))
                except WebhookNotFoundError:
                    continue
    return found
