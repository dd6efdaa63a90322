"""Notices as the API shows them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from api.incident_documents import AttachmentDocument, ClockDocument
from api.moments import Moment
from events import now_ms
from incidents import Notice
from incidents.notices.steps import allowed_steps
from incidents.repository.listing import is_overdue


class NoticeDocument(BaseModel):
    """A notice; ``steps`` are those that its state allows, whoever takes them."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    number: int
    unit_id: str
    incident_id: str | None
    source: str
    reference: str
    title: str
    demand: str
    state: str
    issued_by: str
    issued: Moment = Field(validation_alias="issued_ms")
    deadline: Moment = Field(validation_alias="deadline_ms")
    asked_deadline: Moment | None = Field(validation_alias="asked_deadline_ms")
    acknowledged: Moment | None = Field(validation_alias="acknowledged_ms")
    answered: Moment | None = Field(validation_alias="answered_ms")
    verified: Moment | None = Field(validation_alias="verified_ms")
    changed: Moment = Field(validation_alias="changed_ms")
    is_overdue: bool = False
    steps: list[str] = []


class NoticeTransitionDocument(BaseModel):
    """A step of a notice."""

    model_config = ConfigDict(from_attributes=True)

    at: Moment
    step: str
    from_state: str | None
    to_state: str
    actor: str
    text: str | None
    deadline: Moment = Field(validation_alias="deadline_ms")
    attachments: list[str]


class NoticeDetail(BaseModel):
    """A notice with its history, clocks and files."""

    notice: NoticeDocument
    transitions: list[NoticeTransitionDocument]
    clocks: list[ClockDocument]
    attachments: list[AttachmentDocument]


class NoticeList(BaseModel):
    """A page of notices, newest first."""

    notices: list[NoticeDocument]
    next_cursor: str | None


def notice_document(notice: Notice) -> NoticeDocument:
    """A notice as the API shows it."""
    shown = NoticeDocument.model_validate(notice)
    steps = [step.value for step in allowed_steps(notice.state)]
    return shown.model_copy(update={"is_overdue": is_overdue(notice, now_ms()), "steps": steps})
