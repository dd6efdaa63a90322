"""Incidents as the API shows them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from api.moments import Moment
from incidents import Attachment, Clock, Incident, IncidentReport, IncidentTask, TimelineItem


class _Shown(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class IncidentDocument(_Shown):
    """An incident. ``level`` is what a person decided, null as long as nobody has; ``reasons`` are of the proposal."""

    id: str
    number: int
    title: str
    summary: str
    unit_id: str | None
    system_id: str | None
    operator: str
    class_code: str
    subclass_code: str | None
    facts: dict[str, JsonValue]
    proposed_level: int
    reasons: list[dict[str, JsonValue]]
    level: int | None
    state: str
    conclusion: str | None
    owner: str | None = Field(validation_alias="owner_name")
    accountable: dict[str, str]
    source: str
    opened_by: str
    opened: Moment = Field(validation_alias="opened_ms")
    discovered: Moment = Field(validation_alias="discovered_ms")
    acknowledged: Moment | None = Field(validation_alias="acknowledged_ms")
    handled: Moment | None = Field(validation_alias="handled_ms")
    reopened: Moment | None = Field(validation_alias="reopened_ms")
    closed: Moment | None = Field(validation_alias="closed_ms")
    changed: Moment = Field(validation_alias="changed_ms")
    merged_into_id: str | None


class IncidentList(BaseModel):
    """A page of incidents, newest first."""

    incidents: list[IncidentDocument]
    next_cursor: str | None


class ClockDocument(_Shown):
    """A clock: ``due`` is null while it is paused, ``breached`` the deadline that passed unmet."""

    clock: str
    entry: str
    state: str
    started: Moment = Field(validation_alias="started_ms")
    due: Moment | None = Field(validation_alias="due_ms")
    remaining_ms: int | None
    ended: Moment | None = Field(validation_alias="ended_ms")
    warned: bool
    breached: Moment | None = Field(validation_alias="breached_ms")
    escalations: int


class TimelineDocument(_Shown):
    """A line of the timeline; ``id`` is null for what follows from linked alerts."""

    id: int | None
    at: Moment = Field(validation_alias="at_ms")
    recorded: Moment | None = Field(validation_alias="recorded_ms")
    kind: str
    reference: str
    text: str
    actor_kind: str
    actor: str
    detail: dict[str, JsonValue]


class TaskDocument(_Shown):
    """Something to do."""

    id: str
    title: str
    state: str
    assignee: str | None
    due: Moment | None = Field(validation_alias="due_ms")
    created: Moment = Field(validation_alias="created_ms")
    changed: Moment = Field(validation_alias="changed_ms")


class ReportDocument(_Shown):
    """A report that was made to an authority."""

    id: str
    kind: str
    addressee: str
    text: str
    reported: Moment = Field(validation_alias="reported_ms")
    recorded: Moment = Field(validation_alias="recorded_ms")
    actor: str


class AttachmentDocument(_Shown):
    """A file with its digests."""

    id: str
    name: str
    media_type: str
    size: int
    sha256: str
    sm3: str
    actor: str
    at: Moment


def incident_document(incident: Incident) -> IncidentDocument:
    """An incident as the API shows it."""
    return IncidentDocument.model_validate(incident)


def clock_document(clock: Clock) -> ClockDocument:
    """A clock as the API shows it."""
    return ClockDocument.model_validate(clock)


def timeline_document(item: TimelineItem) -> TimelineDocument:
    """A line of the timeline as the API shows it."""
    return TimelineDocument.model_validate(item)


def task_document(task: IncidentTask) -> TaskDocument:
    """A task as the API shows it."""
    return TaskDocument.model_validate(task)


def report_document(report: IncidentReport) -> ReportDocument:
    """A report as the API shows it."""
    return ReportDocument.model_validate(report)


def attachment_document(attachment: Attachment) -> AttachmentDocument:
    """A file as the API shows it."""
    return AttachmentDocument.model_validate(attachment)
