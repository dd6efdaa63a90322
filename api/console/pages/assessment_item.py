"""One item of an assessment: its evidence, every judgment, and what people may add."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.access import Form, Requires
from api.assessment_view import ATTEST, READ, view_item
from api.caller import Caller
from api.console.compliance_words import ComplianceWords
from api.console.form_fields import choice_of, files_of, moment_of, text_of
from api.console.formatting import url
from api.console.rendering import redirect, render
from api.console.translation import language_of
from api.dependencies import dependencies_of
from api.incident_work import MAXIMUM_UPLOAD_BYTES
from api.problems import ProblemError, problem_of
from api.registry_work import editor
from compliance import ComplianceError, Decision, Judgment, NewAttestation, attest, decide
from incidents.attachments.files import digests_of

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Requires(READ))]
Attester = Annotated[Caller, Depends(Requires(ATTEST, form=True))]


@router.get("/assessments/{system_id}/{assessment_id}/item")
def show(request: Request, system_id: str, assessment_id: str, ref: str, caller: Reader) -> Response:
    """The item's page."""
    return _page(request, (system_id, assessment_id), ref, caller)


@router.post("/assessments/{system_id}/{assessment_id}/decision")
def judge(request: Request, system_id: str, assessment_id: str, form: Form, caller: Attester) -> Response:
    """Judge the item otherwise; what was said before stays."""
    place, ref = (system_id, assessment_id), text_of(form, "ref")
    try:
        decision = Decision(ref, choice_of(form, "judgment", Judgment), text_of(form, "reason"))
        with dependencies_of(request).records.begin() as session:
            decide(session, place, decision, editor(caller, ATTEST))
    except (ComplianceError, ProblemError) as error:
        return _page(request, place, ref, caller, problem_of(error))
    return redirect(_address(place, ref), "item_decided")


@router.post("/assessments/{system_id}/{assessment_id}/attestation", max_body_size=MAXIMUM_UPLOAD_BYTES)
def add(request: Request, system_id: str, assessment_id: str, form: Form, caller: Attester) -> Response:
    """Attest the item; of the document its name and digest are kept."""
    place, dependencies = (system_id, assessment_id), dependencies_of(request)
    ref = text_of(form, "ref")
    try:
        new = _attestation(form, ref, moment_of(form, "valid_until", dependencies))
        with dependencies.records.begin() as session:
            attest(session, system_id, new, editor(caller, ATTEST))
    except (ComplianceError, ProblemError) as error:
        return _page(request, place, ref, caller, problem_of(error))
    return redirect(_address(place, ref), "item_attested")


def _attestation(form: Form, ref: str, valid_until: int | None) -> NewAttestation:
    documents = files_of(form)
    if not documents:
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "no_file", "Choose the document that shows it")
    (name, content), judgment = documents[0], choice_of(form, "judgment", Judgment)
    return NewAttestation(ref, judgment, text_of(form, "statement"), name[:255], digests_of(content).sm3, valid_until)


def _address(place: tuple[str, str], ref: str) -> str:
    return url(f"/assessments/{place[0]}/{place[1]}/item", ref=ref)


def _page(
    request: Request, place: tuple[str, str], ref: str, caller: Caller, problem: ProblemError | None = None
) -> Response:
    context = {
        "active": "assessments",
        "words": ComplianceWords(language_of(request)),
        "view": view_item(dependencies_of(request), place, ref, caller),
        "problem": problem,
    }
    return render(request, "assessment_item.html", context, problem.status if problem else HTTPStatus.OK)
