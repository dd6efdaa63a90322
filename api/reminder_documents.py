"""Reminders as the API shows them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from api.moments import Moment


class ReminderDocument(BaseModel):
    """One stage of a clock that somebody is told of; ``subject_id`` is an incident's or a notice's."""

    id: int
    at: Moment
    subject: Literal["incident", "notice"]
    subject_id: str
    number: int
    title: str
    clock: str
    stage: Literal["warned", "late", "escalated"]
    escalation: int
    due: Moment
    role: str
    unit_id: str | None
    seen: bool


class ReminderList(BaseModel):
    """The newest reminders; ``unseen`` counts all that were not seen, listed or not."""

    reminders: list[ReminderDocument]
    unseen: int


class SeenRequest(BaseModel):
    """Which reminders were seen; all of them where none are named."""

    ids: list[int] | None = Field(None, max_length=500)


class SeenCount(BaseModel):
    """How many reminders had not been seen before."""

    marked: int
