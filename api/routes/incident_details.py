"""``/incidents/{id}/…``: timeline, clocks, alerts, remarks, tasks, reports and files of an incident."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import AwareDatetime, BaseModel, Field
from starlette.concurrency import run_in_threadpool

from api.access import Requires
from api.caller import Caller
from api.dependencies import Dependencies
from api.idempotency import IdempotentRoute
from api.incident_documents import (
    AttachmentDocument,
    ClockDocument,
    ReportDocument,
    TaskDocument,
    TimelineDocument,
    attachment_document,
    clock_document,
    report_document,
    task_document,
    timeline_document,
)
from api.incident_work import (
    MAXIMUM_UPLOAD_BYTES,
    READ,
    UPLOAD_BODY,
    WRITE,
    Id,
    Title,
    Words,
    attached,
    download,
    milliseconds,
    scope_of,
    uploaded,
)
from api.problems import COMMON_RESPONSES
from api.registry_work import editor
from incidents import (
    AttachmentKey,
    NewReport,
    NewTask,
    Pausing,
    ReportKind,
    Subject,
    TaskState,
    Unlinking,
    add_task,
    attachments_of,
    clocks_of,
    comment,
    file_report,
    link_alerts,
    linked_alert_ids,
    move_task,
    pause_clock,
    reports_of,
    resume_clock,
    tasks_of,
    timeline,
    unlink_alerts,
)
from incidents.repository.lookup import incident_of

router = APIRouter(
    prefix="/api/v1/incidents/{incident_id}",
    tags=["incidents"],
    route_class=IdempotentRoute,
    responses=COMMON_RESPONSES,
)
Reader = Annotated[Caller, Depends(Requires(READ))]
Writer = Annotated[Caller, Depends(Requires(WRITE))]


class AlertIds(BaseModel):
    """Alerts of an incident; after a change, those that it changed."""

    alert_ids: list[Id] = Field(max_length=500)


class UnlinkRequest(AlertIds):
    """Why they don't belong here."""

    reason: Words


class CommentRequest(BaseModel):
    """What is said."""

    text: Words


class TaskRequest(BaseModel):
    """Something to do."""

    title: Title
    assignee: Title | None = None
    due: AwareDatetime | None = None


class TaskMove(BaseModel):
    """Where a task stands now."""

    state: TaskState


class ReportRequest(BaseModel):
    """A report that was made; without a time, now."""

    kind: ReportKind
    addressee: Title
    text: Words = ""
    reported: AwareDatetime | None = None


class PauseRequest(BaseModel):
    """Why a clock stops or runs on."""

    reason: Words


@router.get("/timeline")
def get_timeline(incident_id: str, dependencies: Dependencies, caller: Reader) -> list[TimelineDocument]:
    """The timeline, oldest first."""
    with dependencies.records.read() as session:
        return [timeline_document(item) for item in timeline(session, scope_of(caller, READ), incident_id)]


@router.post("/comments", status_code=HTTPStatus.CREATED)
def add_comment(incident_id: str, body: CommentRequest, dependencies: Dependencies, caller: Writer) -> None:
    """Say something; it stands in the timeline."""
    with dependencies.records.begin() as session:
        comment(session, incident_id, body.text, editor(caller, WRITE))


@router.get("/alerts")
def list_alerts(incident_id: str, dependencies: Dependencies, caller: Reader) -> AlertIds:
    """The alerts of an incident and of those merged into it."""
    with dependencies.records.read() as session:
        incident = incident_of(session, scope_of(caller, READ), incident_id)
        return AlertIds.model_construct(alert_ids=linked_alert_ids(session, incident.id))


@router.post("/alerts:link")
def link(incident_id: str, body: AlertIds, dependencies: Dependencies, caller: Writer) -> AlertIds:
    """Link alerts; answers those that were not linked before."""
    with dependencies.records.begin() as session:
        return AlertIds(alert_ids=link_alerts(session, incident_id, body.alert_ids, editor(caller, WRITE)))


@router.post("/alerts:unlink")
def unlink(incident_id: str, body: UnlinkRequest, dependencies: Dependencies, caller: Writer) -> AlertIds:
    """Take alerts out; answers those that were linked."""
    unlinking = Unlinking(tuple(body.alert_ids), body.reason)
    with dependencies.records.begin() as session:
        return AlertIds(alert_ids=unlink_alerts(session, incident_id, unlinking, editor(caller, WRITE)))


@router.get("/clocks")
def list_clocks(incident_id: str, dependencies: Dependencies, caller: Reader) -> list[ClockDocument]:
    """The clocks of an incident."""
    with dependencies.records.read() as session:
        incident = incident_of(session, scope_of(caller, READ), incident_id)
        return [clock_document(each) for each in clocks_of(session, Subject.INCIDENT, incident.id).values()]


@router.post("/clocks/{code}:pause")
def pause(incident_id: str, code: str, body: PauseRequest, dependencies: Dependencies, caller: Writer) -> ClockDocument:
    """Stop a clock; duties to report can't be stopped."""
    with dependencies.records.begin() as session:
        return clock_document(pause_clock(session, incident_id, Pausing(code, body.reason), editor(caller, WRITE)))


@router.post("/clocks/{code}:resume")
def resume(
    incident_id: str, code: str, body: PauseRequest, dependencies: Dependencies, caller: Writer
) -> ClockDocument:
    """Let a paused clock run on with the time that was left."""
    with dependencies.records.begin() as session:
        return clock_document(resume_clock(session, incident_id, Pausing(code, body.reason), editor(caller, WRITE)))


@router.get("/tasks")
def list_tasks(incident_id: str, dependencies: Dependencies, caller: Reader) -> list[TaskDocument]:
    """The tasks of an incident, oldest first."""
    with dependencies.records.read() as session:
        incident = incident_of(session, scope_of(caller, READ), incident_id)
        return [task_document(task) for task in tasks_of(session, incident.id)]


@router.post("/tasks", status_code=HTTPStatus.CREATED)
def create_task(incident_id: str, body: TaskRequest, dependencies: Dependencies, caller: Writer) -> TaskDocument:
    """Add something to do."""
    new = NewTask(body.title, body.assignee, milliseconds(body.due))
    with dependencies.records.begin() as session:
        return task_document(add_task(session, incident_id, new, editor(caller, WRITE)))


@router.post("/tasks/{task_id}:move")
def change_task(
    incident_id: str, task_id: str, body: TaskMove, dependencies: Dependencies, caller: Writer
) -> TaskDocument:
    """Say that a task is done, dropped, or open again."""
    with dependencies.records.begin() as session:
        return task_document(move_task(session, incident_id, task_id, body.state, editor(caller, WRITE)))


@router.get("/reports")
def list_reports(incident_id: str, dependencies: Dependencies, caller: Reader) -> list[ReportDocument]:
    """The reports to authorities, oldest first."""
    with dependencies.records.read() as session:
        incident = incident_of(session, scope_of(caller, READ), incident_id)
        return [report_document(report) for report in reports_of(session, incident.id)]


@router.post("/reports", status_code=HTTPStatus.CREATED)
def add_report(incident_id: str, body: ReportRequest, dependencies: Dependencies, caller: Writer) -> ReportDocument:
    """Write down that an authority was told; the clock of that duty ends."""
    new = NewReport(body.kind, body.addressee, body.text, milliseconds(body.reported))
    with dependencies.records.begin() as session:
        return report_document(file_report(session, incident_id, new, editor(caller, WRITE)))


@router.get("/attachments")
def list_attachments(incident_id: str, dependencies: Dependencies, caller: Reader) -> list[AttachmentDocument]:
    """The files of an incident, oldest first."""
    with dependencies.records.read() as session:
        incident = incident_of(session, scope_of(caller, READ), incident_id)
        return [attachment_document(each) for each in attachments_of(session, Subject.INCIDENT, incident.id)]


@router.post(
    "/attachments",
    status_code=HTTPStatus.CREATED,
    openapi_extra=UPLOAD_BODY,
    max_body_size=MAXIMUM_UPLOAD_BYTES,
)
async def upload(incident_id: str, request: Request, dependencies: Dependencies, caller: Writer) -> AttachmentDocument:
    """Attach a file; what it is is told by its content."""
    subject, file = (Subject.INCIDENT, incident_id), await uploaded(request)
    return attachment_document(await run_in_threadpool(attached, dependencies, caller, WRITE, subject, file))


@router.get("/attachments/{attachment_id}", response_class=Response)
def get_attachment(incident_id: str, attachment_id: str, dependencies: Dependencies, caller: Reader) -> Response:
    """A file as bytes to be saved; who took it goes into the audit trail."""
    return download(dependencies, caller, READ, AttachmentKey(Subject.INCIDENT, incident_id, attachment_id))
