"""Notices: the list for the center and for a unit, issuing one, and one notice with what each side may do."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy.orm import Session

from api.access import Form, Requires
from api.caller import Caller
from api.console.clock_view import clock_views
from api.console.form_fields import files_of, moment_of, text_of
from api.console.rendering import redirect, render
from api.console.response_words import ResponseWords
from api.console.translation import language_of
from api.dependencies import ApiDependencies, Dependencies, dependencies_of
from api.incident_work import ANSWER, ISSUE, MAXIMUM_UPLOAD_BYTES, NOTICES, VERIFY, attached, scope_of
from api.notice_view import NoticeQuery, view_notice, view_notices
from api.problems import ProblemError, problem_of
from api.registry_work import editor
from events import now_ms
from incidents import (
    Answer,
    DeadlineWish,
    Editor,
    IncidentError,
    NewNotice,
    NoticeState,
    Subject,
    acknowledge_notice,
    answer_notice,
    ask_extension,
    decide_extension,
    issue_notice,
    reject_answer,
    verify_notice,
    withdraw_notice,
)
from registry.registers import UNITS
from registry.repository.listing import Paging, Search, list_entries

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Requires(NOTICES))]
Issuer = Annotated[Caller, Depends(Requires(ISSUE, form=True))]
Answerer = Annotated[Caller, Depends(Requires(ANSWER, form=True))]
Verifier = Annotated[Caller, Depends(Requires(VERIFY, form=True))]
_UNITS = 500


@router.get("/notices")
def show_list(
    request: Request, query: Annotated[NoticeQuery, Query()], dependencies: Dependencies, caller: Reader
) -> Response:
    """The notices of a filter, to the caller's units."""
    words, now = ResponseWords(language_of(request)), now_ms()
    page = view_notices(dependencies, query, caller)
    context = {
        "active": "notices",
        "words": words,
        "query": query,
        "page": page,
        "clocks": {key: clock_views(each, words, now) for key, each in page.clocks.items()},
        "states": [state.value for state in NoticeState],
        "parameters": query.model_dump(mode="json", exclude_defaults=True, exclude={"cursor"}),
    }
    return render(request, "notices.html", context)


@router.get("/notices/new")
def show_form(
    request: Request,
    dependencies: Dependencies,
    caller: Annotated[Caller, Depends(Requires(ISSUE))],
    incident: str = "",
) -> Response:
    """The form for a notice, of an incident where one is named."""
    return _form_page(request, dependencies, caller, {"incident": incident})


@router.post("/notices/new")
def issue(request: Request, dependencies: Dependencies, form: Form, caller: Issuer) -> Response:
    """Send a notice to a unit."""
    try:
        deadline = moment_of(form, "deadline", dependencies)
        incident = text_of(form, "incident") or None
        new = NewNotice(text_of(form, "unit"), text_of(form, "title"), text_of(form, "demand"), deadline, incident)
        with dependencies.records.begin() as session:
            notice = issue_notice(session, new, editor(caller, ISSUE))
            return redirect(f"/notices/{notice.id}", "notice_issue")
    except (IncidentError, ProblemError) as error:
        return _form_page(
            request, dependencies, caller, {name: text_of(form, name) for name in form}, problem_of(error)
        )


@router.get("/notices/{notice_id}")
def show_one(request: Request, notice_id: str, caller: Reader) -> Response:
    """One notice: for the unit to answer, for the center to verify."""
    return _page(request, notice_id, caller)


@router.post("/notices/{notice_id}/acknowledge")
def acknowledge(request: Request, notice_id: str, caller: Answerer) -> Response:
    """Say that the unit has received it."""
    return _step(
        request,
        notice_id,
        caller,
        ("acknowledge", ANSWER),
        lambda session, by: acknowledge_notice(session, notice_id, by),
    )


@router.post("/notices/{notice_id}/answer", max_body_size=MAXIMUM_UPLOAD_BYTES)
def answer(request: Request, notice_id: str, dependencies: Dependencies, form: Form, caller: Answerer) -> Response:
    """Attach the evidence that came along, and answer."""

    def change(session: Session, by: Editor) -> object:
        ids = (*(str(each) for each in form.getlist("evidence")), *new)
        return answer_notice(session, notice_id, Answer(text_of(form, "text"), ids), by)

    try:
        new = [attached(dependencies, caller, ANSWER, (Subject.NOTICE, notice_id), file).id for file in files_of(form)]
    except (IncidentError, ProblemError) as error:
        return _page(request, notice_id, caller, problem_of(error), text_of(form, "text"))
    return _step(request, notice_id, caller, ("answer", ANSWER), change)


@router.post("/notices/{notice_id}/ask-extension")
def ask(request: Request, notice_id: str, dependencies: Dependencies, form: Form, caller: Answerer) -> Response:
    """Ask for more time."""

    def change(session: Session, by: Editor) -> object:
        wish = DeadlineWish(moment_of(form, "deadline", dependencies) or 0, text_of(form, "reason"))
        return ask_extension(session, notice_id, wish, by)

    return _step(request, notice_id, caller, ("ask_extension", ANSWER), change)


@router.post("/notices/{notice_id}/decide-extension")
def decide(request: Request, notice_id: str, form: Form, caller: Verifier) -> Response:
    """Grant or refuse more time; not by who asked."""
    granted = text_of(form, "decision") == "grant"
    return _step(
        request,
        notice_id,
        caller,
        ("grant" if granted else "refuse", VERIFY),
        lambda session, by: decide_extension(session, notice_id, text_of(form, "reason"), by, granted=granted),
    )


@router.post("/notices/{notice_id}/judge")
def judge(request: Request, notice_id: str, form: Form, caller: Verifier) -> Response:
    """Verify an answer or send it back; not by who gave it."""
    decide_on = verify_notice if text_of(form, "decision") == "verify" else reject_answer
    done = "verify" if decide_on is verify_notice else "reject"
    return _step(
        request,
        notice_id,
        caller,
        (done, VERIFY),
        lambda session, by: decide_on(session, notice_id, text_of(form, "reason"), by),
    )


@router.post("/notices/{notice_id}/withdraw")
def withdraw(request: Request, notice_id: str, form: Form, caller: Issuer) -> Response:
    """Take it back."""
    return _step(
        request,
        notice_id,
        caller,
        ("withdraw", ISSUE),
        lambda session, by: withdraw_notice(session, notice_id, text_of(form, "reason"), by),
    )


def _step(
    request: Request,
    notice_id: str,
    caller: Caller,
    done: tuple[str, str],
    change: Callable[[Session, Editor], object],
) -> Response:
    """Make a change with a scope (``done``: what to say, the scope); what is refused is said on the page."""
    said, scope = done
    try:
        with dependencies_of(request).records.begin() as session:
            change(session, editor(caller, scope))
    except (IncidentError, ProblemError) as error:
        return _page(request, notice_id, caller, problem_of(error))
    return redirect(f"/notices/{notice_id}", f"notice_{said}")


def _page(
    request: Request, notice_id: str, caller: Caller, problem: ProblemError | None = None, typed: str = ""
) -> Response:
    words = ResponseWords(language_of(request))
    view = view_notice(dependencies_of(request), notice_id, caller)
    context = {
        "active": "notices",
        "words": words,
        "view": view,
        "asked": view.notice,
        "clocks": clock_views(view.clocks, words, now_ms()),
        "files": {each.id: each.name for each in view.attachments},
        "problem": problem,
        "typed": typed,
    }
    return render(request, "notice.html", context, problem.status if problem else HTTPStatus.OK)


def _form_page(
    request: Request,
    dependencies: ApiDependencies,
    caller: Caller,
    filled: dict[str, str],
    problem: ProblemError | None = None,
) -> Response:
    with dependencies.records.read() as session:
        units = list_entries(session, UNITS, scope_of(caller, ISSUE), Search(), Paging(_UNITS))
    context: dict[str, Any] = {"active": "notices", "filled": filled, "units": units, "problem": problem}
    return render(request, "notice_new.html", context, HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK)
