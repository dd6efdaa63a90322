"""``/notices``: issued to units, acknowledged and answered by them, verified by another."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, Field
from starlette.concurrency import run_in_threadpool

from api.access import Requires
from api.caller import Caller
from api.dependencies import Dependencies
from api.idempotency import IdempotentRoute
from api.incident_documents import AttachmentDocument, attachment_document, clock_document
from api.incident_work import (
    ANSWER,
    ISSUE,
    MAXIMUM_UPLOAD_BYTES,
    NOTICES,
    UPLOAD_BODY,
    VERIFY,
    Cursor,
    Id,
    Limit,
    Title,
    Words,
    attached,
    before_number,
    download,
    milliseconds,
    next_page,
    scope_of,
    uploaded,
)
from api.notice_documents import (
    NoticeDetail,
    NoticeDocument,
    NoticeList,
    NoticeTransitionDocument,
    notice_document,
)
from api.problems import COMMON_RESPONSES
from api.registry_work import editor
from events import now_ms
from incidents import (
    Answer,
    AttachmentKey,
    DeadlineWish,
    NewNotice,
    NoticeState,
    Subject,
    acknowledge_notice,
    answer_notice,
    ask_extension,
    attachments_of,
    clocks_of,
    decide_extension,
    issue_notice,
    reject_answer,
    verify_notice,
    withdraw_notice,
)
from incidents.repository.listing import NoticeFilter, list_notices, notice_transitions
from incidents.repository.lookup import notice_of

router = APIRouter(prefix="/api/v1/notices", tags=["notices"], route_class=IdempotentRoute, responses=COMMON_RESPONSES)
Reader = Annotated[Caller, Depends(Requires(NOTICES))]
Issuer = Annotated[Caller, Depends(Requires(ISSUE))]
Answerer = Annotated[Caller, Depends(Requires(ANSWER))]
Verifier = Annotated[Caller, Depends(Requires(VERIFY))]


class NoticeQuery(BaseModel):
    """Which notices: all that is set must hold; ``text`` is part of the title, or the number."""

    state: list[NoticeState] = Field(default=[], max_length=16)
    unit: Id | None = None
    incident: Id | None = None
    overdue: bool = False
    text: Title = ""
    limit: Limit = 50
    cursor: Cursor | None = None


class NoticeRequest(BaseModel):
    """A demand on a unit; without a deadline, the one of policy."""

    unit_id: Id
    title: Title
    demand: Words
    deadline: AwareDatetime | None = None
    incident_id: Id | None = None


class RemarkRequest(BaseModel):
    """What is said of an answer."""

    remark: Words = ""


class ReasonRequest(BaseModel):
    """Why."""

    reason: Words


class AnswerRequest(BaseModel):
    """What was rectified, and the files of this notice that show it."""

    text: Words
    attachment_ids: list[Id] = Field(max_length=100)


class ExtensionRequest(ReasonRequest):
    """The later deadline that is asked for."""

    deadline: AwareDatetime


class ExtensionDecision(ReasonRequest):
    """Whether the later deadline is granted."""

    granted: bool


@router.get("")
def list_(query: Annotated[NoticeQuery, Query()], dependencies: Dependencies, caller: Reader) -> NoticeList:
    """One page of the notices to the caller's units, newest first."""
    purpose = f"notices:{query.state}:{query.unit}:{query.incident}:{query.overdue}:{query.text}"
    overdue_at = now_ms() if query.overdue else None
    criteria = NoticeFilter(query.state, query.unit, query.incident, overdue_at, query.text)
    before = before_number(dependencies, purpose, query.cursor)
    with dependencies.records.read() as session:
        found = list_notices(session, scope_of(caller, NOTICES), criteria, limit=query.limit, before=before)
        shown = [notice_document(notice) for notice in found]
    cursor = next_page(dependencies, purpose, [notice.number for notice in shown], query.limit)
    return NoticeList(notices=shown, next_cursor=cursor)


@router.post("", status_code=HTTPStatus.CREATED)
def issue(body: NoticeRequest, dependencies: Dependencies, caller: Issuer) -> NoticeDocument:
    """Send a notice to a unit."""
    new = NewNotice(body.unit_id, body.title, body.demand, milliseconds(body.deadline), body.incident_id)
    with dependencies.records.begin() as session:
        return notice_document(issue_notice(session, new, editor(caller, ISSUE)))


@router.get("/{notice_id}")
def get_one(notice_id: str, dependencies: Dependencies, caller: Reader) -> NoticeDetail:
    """A notice with its history, clocks and files."""
    with dependencies.records.read() as session:
        notice = notice_of(session, scope_of(caller, NOTICES), notice_id)
        steps = notice_transitions(session, notice.id)
        return NoticeDetail(
            notice=notice_document(notice),
            transitions=[NoticeTransitionDocument.model_validate(step) for step in steps],
            clocks=[clock_document(each) for each in clocks_of(session, Subject.NOTICE, notice.id).values()],
            attachments=[attachment_document(each) for each in attachments_of(session, Subject.NOTICE, notice.id)],
        )


@router.post("/{notice_id}:acknowledge")
def acknowledge(notice_id: str, dependencies: Dependencies, caller: Answerer) -> NoticeDocument:
    """Say that the unit has received it."""
    with dependencies.records.begin() as session:
        return notice_document(acknowledge_notice(session, notice_id, editor(caller, ANSWER)))


@router.post("/{notice_id}:answer")
def answer(notice_id: str, body: AnswerRequest, dependencies: Dependencies, caller: Answerer) -> NoticeDocument:
    """Say what was rectified, with evidence."""
    said = Answer(body.text, tuple(body.attachment_ids))
    with dependencies.records.begin() as session:
        return notice_document(answer_notice(session, notice_id, said, editor(caller, ANSWER)))


@router.post("/{notice_id}:ask-extension")
def ask(notice_id: str, body: ExtensionRequest, dependencies: Dependencies, caller: Answerer) -> NoticeDocument:
    """Ask for a later deadline, before the present one has passed."""
    wish = DeadlineWish(milliseconds(body.deadline) or 0, body.reason)
    with dependencies.records.begin() as session:
        return notice_document(ask_extension(session, notice_id, wish, editor(caller, ANSWER)))


@router.post("/{notice_id}:decide-extension")
def decide(notice_id: str, body: ExtensionDecision, dependencies: Dependencies, caller: Verifier) -> NoticeDocument:
    """Grant or refuse the later deadline; not by who asked."""
    with dependencies.records.begin() as session:
        by = editor(caller, VERIFY)
        return notice_document(decide_extension(session, notice_id, body.reason, by, granted=body.granted))


@router.post("/{notice_id}:verify")
def verify(notice_id: str, body: RemarkRequest, dependencies: Dependencies, caller: Verifier) -> NoticeDocument:
    """Confirm that the answer holds; not by who gave it."""
    with dependencies.records.begin() as session:
        return notice_document(verify_notice(session, notice_id, body.remark, editor(caller, VERIFY)))


@router.post("/{notice_id}:reject")
def reject(notice_id: str, body: ReasonRequest, dependencies: Dependencies, caller: Verifier) -> NoticeDocument:
    """Send it back for another answer; the deadline stands."""
    with dependencies.records.begin() as session:
        return notice_document(reject_answer(session, notice_id, body.reason, editor(caller, VERIFY)))


@router.post("/{notice_id}:withdraw")
def withdraw(notice_id: str, body: ReasonRequest, dependencies: Dependencies, caller: Issuer) -> NoticeDocument:
    """Take a notice back."""
    with dependencies.records.begin() as session:
        return notice_document(withdraw_notice(session, notice_id, body.reason, editor(caller, ISSUE)))


@router.post(
    "/{notice_id}/attachments",
    status_code=HTTPStatus.CREATED,
    openapi_extra=UPLOAD_BODY,
    max_body_size=MAXIMUM_UPLOAD_BYTES,
)
async def upload(notice_id: str, request: Request, dependencies: Dependencies, caller: Answerer) -> AttachmentDocument:
    """Attach evidence; what it is is told by its content."""
    subject, file = (Subject.NOTICE, notice_id), await uploaded(request)
    return attachment_document(await run_in_threadpool(attached, dependencies, caller, ANSWER, subject, file))


@router.get("/{notice_id}/attachments/{attachment_id}", response_class=Response)
def get_attachment(notice_id: str, attachment_id: str, dependencies: Dependencies, caller: Reader) -> Response:
    """A file as bytes to be saved; who took it goes into the audit trail."""
    return download(dependencies, caller, NOTICES, AttachmentKey(Subject.NOTICE, notice_id, attachment_id))
