"""``/systems/{id}/assessments/{id}/reports``: an assessment as a document, made in the background."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.access import Requires, signed_in
from api.caller import Caller
from api.compliance_documents import ReportDocument, report_document
from api.compliance_requests import Place, ReportRequest
from api.dependencies import Dependencies
from api.idempotency import IdempotentRoute
from api.problems import COMMON_RESPONSES
from api.registry_work import editor
from compliance import (
    AssessmentConflictError,
    ReportFormat,
    audit_download,
    get_assessment,
    get_report,
    list_reports,
    request_report,
)

router = APIRouter(
    prefix="/api/v1/systems/{system_id}/assessments/{assessment_id}/reports",
    tags=["compliance"],
    route_class=IdempotentRoute,
    responses=COMMON_RESPONSES,
)
READ, REPORT = "compliance:read", "compliance:report"
Reader = Annotated[Caller, Depends(Requires(READ))]
Reporter = Annotated[Caller, Depends(Requires(REPORT))]
_MEDIA_TYPES = {
    ReportFormat.WORD: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ReportFormat.HTML: "text/html; charset=utf-8",
}


@router.get("")
def list_(place: Place, dependencies: Dependencies, caller: Reader) -> list[ReportDocument]:
    """The reports over an assessment with their progress, the newest first."""
    with dependencies.records.read() as session:
        found = get_assessment(session, signed_in(caller).unit_scope(READ), *place)
        return [report_document(each) for each in list_reports(session, found.id)]


@router.post("", status_code=HTTPStatus.CREATED)
def request(place: Place, body: ReportRequest, dependencies: Dependencies, caller: Reporter) -> ReportDocument:
    """Freeze a finished assessment as it stands, and have a report made of it."""
    with dependencies.records.begin() as session:
        return report_document(request_report(session, place, body.format, editor(caller, REPORT), body.language))


@router.get("/{report_id}")
def get_one(place: Place, report_id: str, dependencies: Dependencies, caller: Reader) -> ReportDocument:
    """A report with its progress."""
    with dependencies.records.read() as session:
        found = get_assessment(session, signed_in(caller).unit_scope(READ), *place)
        return report_document(get_report(session, found, report_id))


@router.get("/{report_id}/content", response_class=Response)
def download(place: Place, report_id: str, dependencies: Dependencies, caller: Reporter) -> Response:
    """The report itself; that it was taken is recorded."""
    acting = editor(caller, REPORT)
    with dependencies.records.begin() as session:
        assessment = get_assessment(session, acting.scope, *place)
        report = get_report(session, assessment, report_id)
        if report.content is None:
            raise AssessmentConflictError(f"report {report.id} is {report.state}; download it when it is done")
        audit_download(session, assessment, report, acting.by)
        content, kind = report.content, ReportFormat(report.format)
    headers = {"Content-Disposition": f'attachment; filename="{report_id}.{kind.value}"'}
    return Response(content, media_type=_MEDIA_TYPES[kind], headers=headers)
