"""Systems assessed: scores, the grid of items with their judgments, gaps, and reports as they are made."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.access import Form, Requires
from api.assessment_view import (
    ASSESS,
    ISSUE,
    READ,
    REPORT,
    view_assessment,
    view_system,
    view_systems,
)
from api.caller import Caller
from api.console.compliance_words import ComplianceWords
from api.console.form_fields import choice_of, text_of
from api.console.rendering import redirect, render
from api.console.translation import language_of
from api.dependencies import Dependencies, dependencies_of
from api.problems import ProblemError, problem_of
from api.registry_work import editor
from compliance import (
    AssessmentSummary,
    ComplianceError,
    ReportFormat,
    WorkState,
    gaps_of,
    get_assessment,
    notify_gaps,
    request_assessment,
    request_report,
    summarize,
)
from compliance.score import DeductedItem
from incidents import IncidentError
from policies.compliance.language import Language, Words

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Requires(READ))]
Assessor = Annotated[Caller, Depends(Requires(ASSESS, form=True))]
Issuer = Annotated[Caller, Depends(Requires(ISSUE, form=True))]
Reporter = Annotated[Caller, Depends(Requires(REPORT, form=True))]
_MOST_GAPS = 50
UNFINISHED = {WorkState.QUEUED.value, WorkState.RUNNING.value}


@router.get("/assessments")
def show_systems(request: Request, dependencies: Dependencies, caller: Reader) -> Response:
    """The systems with their last scores."""
    words = ComplianceWords(language_of(request))
    context = {"active": "assessments", "words": words, "view": view_systems(dependencies, caller)}
    return render(request, "assessments.html", context)


@router.get("/assessments/{system_id}")
def show_system(request: Request, system_id: str, dependencies: Dependencies, caller: Reader) -> Response:
    """One system's assessments and attestations."""
    view = view_system(dependencies, system_id, caller)
    context = {
        "active": "assessments",
        "words": ComplianceWords(language_of(request)),
        "view": view,
        "is_moving": any(each.state in UNFINISHED for each in view.assessments),
    }
    return render(request, "assessed_system.html", context)


@router.post("/assessments/{system_id}")
def ask(system_id: str, dependencies: Dependencies, caller: Assessor) -> Response:
    """Have a system assessed."""
    with dependencies.records.begin() as session:
        request_assessment(session, system_id, editor(caller, ASSESS))
    return redirect(f"/assessments/{system_id}", "assessment_asked")


@router.get("/assessments/{system_id}/{assessment_id}")
def show_one(request: Request, system_id: str, assessment_id: str, caller: Reader) -> Response:
    """One assessment."""
    return _page(request, (system_id, assessment_id), caller)


@router.post("/assessments/{system_id}/{assessment_id}/gaps")
def notify(request: Request, system_id: str, assessment_id: str, form: Form, caller: Issuer) -> Response:
    """Issue a notice for each of the chosen gaps."""
    place, refs = (system_id, assessment_id), [str(each) for each in form.getlist("ref")][:_MOST_GAPS]
    if not refs:
        return redirect(f"/assessments/{system_id}/{assessment_id}", "nothing_selected")
    acting = editor(caller, ISSUE)
    try:
        with dependencies_of(request).records.begin() as session:
            found = get_assessment(session, acting.scope, *place)
            issued = notify_gaps(session, found, gaps_of(found, summarize(session, found)), refs, acting)
            count = len(issued)
    except (ComplianceError, IncidentError) as error:
        return _page(request, place, caller, problem_of(error))
    return redirect(f"/assessments/{system_id}/{assessment_id}", f"gaps_notified:{count}")


@router.post("/assessments/{system_id}/{assessment_id}/reports")
def report(request: Request, system_id: str, assessment_id: str, form: Form, caller: Reporter) -> Response:
    """Have a report made of an assessment."""
    place = (system_id, assessment_id)
    try:
        with dependencies_of(request).records.begin() as session:
            wanted = choice_of(form, "format", ReportFormat)
            request_report(session, place, wanted, editor(caller, REPORT), _language(form))
    except (ComplianceError, ProblemError) as error:
        return _page(request, place, caller, problem_of(error))
    return redirect(f"/assessments/{system_id}/{assessment_id}#reports", "report_asked")


def _lines(summary: AssessmentSummary) -> list[tuple[DeductedItem, Words]]:
    """What each item cost, with its label, the dearest first."""
    labels = {each.place.item.ref: each.place.item.label for each in summary.items}
    deductions = summary.score.deductions if summary.score else ()
    return [(line, labels[line.ref]) for line in sorted(deductions, key=lambda line: -line.points)]


def _language(form: Form) -> Language:
    return "en" if text_of(form, "language") == "en" else "zh"


def _page(request: Request, place: tuple[str, str], caller: Caller, problem: ProblemError | None = None) -> Response:
    view = view_assessment(dependencies_of(request), place, caller)
    context = {
        "active": "assessments",
        "words": ComplianceWords(language_of(request)),
        "view": view,
        "lines": _lines(view.summary) if view.summary else [],
        "is_moving": view.assessment.state in UNFINISHED,
        "is_writing": any(each.state in UNFINISHED for each in view.reports),
        "formats": [each.value for each in ReportFormat],
        "problem": problem,
    }
    return render(request, "assessment.html", context, problem.status if problem else HTTPStatus.OK)
