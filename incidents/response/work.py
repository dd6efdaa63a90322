"""What people do for an incident: remarks, tasks, and reports to authorities."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from incidents.errors import InvalidIncidentError, TaskNotFoundError
from incidents.flow import flow_policy
from incidents.models import Incident, IncidentReport, IncidentTask
from incidents.repository.lookup import incident_of
from incidents.response.recording import Recorded, state_of, write_down
from incidents.texts import bounded_text, checked_text, checked_title
from incidents.timeline import TimelineEntry
from incidents.vocabulary import ReportKind, TaskState, TimelineKind
from registry.registers import Editor


@dataclass(frozen=True, slots=True)
class NewTask:
    """Something to do; ``due_ms`` by when, None for no time."""

    title: str
    assignee: str | None = None
    due_ms: int | None = None


@dataclass(frozen=True, slots=True)
class NewReport:
    """A report that was made: to whom, when (None: now), and what it said in short."""

    kind: ReportKind
    addressee: str
    text: str = ""
    reported_ms: int | None = None


def comment(session: Session, incident_id: str, text: str, editor: Editor) -> Incident:
    """Say something about an incident; also about an ended one.

    Raises:
        IncidentNotFoundError: there is no such incident in the scope.
        InvalidIncidentError: there are no words, or too many.
    """
    incident = incident_of(session, editor.scope, incident_id, lock=True)
    line = TimelineEntry(TimelineKind.COMMENT, incident.id, checked_text(text))
    write_down(session, incident, Recorded("comment", state_of(incident)), line, editor.by)
    return incident


def add_task(session: Session, incident_id: str, new: NewTask, editor: Editor) -> IncidentTask:
    """Add something to do.

    Raises:
        IncidentNotFoundError: there is no such incident in the scope.
        InvalidIncidentError: the title is missing, a text is too long, or there are too many tasks.
    """
    incident = incident_of(session, editor.scope, incident_id, lock=True)
    number = session.scalar(select(func.count()).where(IncidentTask.incident_id == incident.id)) or 0
    if number >= (maximum := flow_policy().limits.tasks):
        raise InvalidIncidentError(f"An incident has at most {maximum} tasks; finish or reuse some")
    now = editor.by.at_ms
    task = IncidentTask(id=uuid4().hex, incident_id=incident.id, title=checked_title(new.title), created_ms=now)
    task.state, task.assignee = TaskState.OPEN.value, bounded_text(new.assignee or "") or None
    task.due_ms, task.changed_ms = new.due_ms, now
    session.add(task)
    _tell_task(session, incident, task, "add-task", editor)
    return task


def move_task(session: Session, incident_id: str, task_id: str, state: TaskState, editor: Editor) -> IncidentTask:
    """Say that a task is done, dropped, or open again.

    Raises:
        IncidentNotFoundError: there is no such incident in the scope.
        TaskNotFoundError: it has no such task.
    """
    incident = incident_of(session, editor.scope, incident_id, lock=True)
    task = session.get(IncidentTask, task_id, with_for_update=True)
    if task is None or task.incident_id != incident.id:
        raise TaskNotFoundError(f"Incident #{incident.number} has no task {task_id[:64]}; reload it")
    if task.state != state:
        task.state, task.changed_ms = state.value, editor.by.at_ms
        _tell_task(session, incident, task, "move-task", editor)
    return task


def tasks_of(session: Session, incident_id: str) -> list[IncidentTask]:
    """The tasks of an incident that the caller may see, oldest first."""
    of_it = select(IncidentTask).where(IncidentTask.incident_id == incident_id)
    return list(session.scalars(of_it.order_by(IncidentTask.created_ms, IncidentTask.id)))


def file_report(session: Session, incident_id: str, new: NewReport, editor: Editor) -> IncidentReport:
    """Write down that an authority was told; the clock of that duty ends at the moment of the report.

    Raises:
        IncidentNotFoundError: there is no such incident in the scope.
        InvalidIncidentError: the addressee is missing, a text too long, or the time before the discovery or to come.
    """
    incident, now = incident_of(session, editor.scope, incident_id, lock=True), editor.by.at_ms
    reported = now if new.reported_ms is None else new.reported_ms
    if not incident.discovered_ms <= reported <= max(now, incident.discovered_ms):
        raise InvalidIncidentError("A report is made after the discovery and not in the future; correct its time")
    report = IncidentReport(
        id=uuid4().hex,
        incident_id=incident.id,
        kind=new.kind.value,
        addressee=checked_title(new.addressee),
        text=bounded_text(new.text),
        reported_ms=reported,
        recorded_ms=now,
        actor_id=editor.by.responsible_id,
        actor=editor.by.actor.name,
    )
    session.add(report)
    session.flush()
    detail = {"report": new.kind.value, "addressee": report.addressee}
    line = TimelineEntry(TimelineKind.REPORT, report.id, report.text, detail, reported)
    before = {**state_of(incident), "reported_ms": reported, **detail}
    write_down(session, incident, Recorded("report", before), line, editor.by)
    return report


def reports_of(session: Session, incident_id: str) -> list[IncidentReport]:
    """The reports of an incident that the caller may see, oldest first."""
    of_it = select(IncidentReport).where(IncidentReport.incident_id == incident_id)
    return list(session.scalars(of_it.order_by(IncidentReport.reported_ms, IncidentReport.id)))


def _tell_task(session: Session, incident: Incident, task: IncidentTask, verb: str, editor: Editor) -> None:
    detail = {"state": task.state, "title": task.title, "assignee": task.assignee, "due_ms": task.due_ms}
    line = TimelineEntry(TimelineKind.TASK, task.id, detail=detail)
    before = {**state_of(incident), "task": task.id, "task_state": task.state}
    write_down(session, incident, Recorded(verb, before), line, editor.by)
