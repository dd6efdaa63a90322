"""Issues notices."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audit.trail import wait_for_other_writers
from incidents.clocks.policy import default_deadline
from incidents.errors import InvalidNoticeError
from incidents.flow import flow_policy
from incidents.models import Notice
from incidents.notices.steps import StepTaken, checked, write_down
from incidents.repository.lookup import incident_of
from incidents.vocabulary import NoticeSource, NoticeState, NoticeStep
from registry.models import UnitRecord
from registry.registers import Editor
from registry.repository.scoping import sees_unit


@dataclass(frozen=True, slots=True)
class NewNotice:
    """A demand on a unit.

    ``deadline_ms`` is when its answer is due, None by policy. ``reference`` is the id of what it comes from: of a gap,
    of a run; for an incident that is ``incident_id``.
    """

    unit_id: str
    title: str
    demand: str
    deadline_ms: int | None = None
    incident_id: str | None = None
    source: NoticeSource = NoticeSource.PERSON
    reference: str = ""


def issue_notice(session: Session, new: NewNotice, editor: Editor) -> Notice:
    """Send a notice to a unit.

    Raises:
        InvalidNoticeError: the unit is unknown or not within the caller's, a text is missing or too long, or the
            deadline has passed.
        IncidentNotFoundError: there is no such incident in the scope.
    """
    unit = session.get(UnitRecord, new.unit_id)
    if unit is None or not sees_unit(session, editor.scope, unit.id):
        raise InvalidNoticeError(f"There is no unit {new.unit_id[:64]}; register it, or name another")
    if new.incident_id is not None:
        incident_of(session, editor.scope, new.incident_id)
    notice = _row(session, new, editor)
    session.add(notice)
    session.flush()
    write_down(session, notice, StepTaken(NoticeStep.ISSUE), (None, None), editor.by)
    return notice


def _row(session: Session, new: NewNotice, editor: Editor) -> Notice:
    now = editor.by.at_ms
    deadline = default_deadline(now) if new.deadline_ms is None else new.deadline_ms
    if deadline <= now:
        raise InvalidNoticeError("The deadline has passed already; choose a later one")
    return Notice(
        id=uuid4().hex,
        number=_next_number(session),
        unit_id=new.unit_id,
        incident_id=new.incident_id,
        source=new.source.value,
        reference=new.reference,
        title=checked("The title", new.title, flow_policy().limits.title),
        demand=checked("The demand", new.demand),
        state=NoticeState.ISSUED.value,
        issued_by_id=editor.by.responsible_id,
        issued_by=editor.by.actor.name,
        issued_ms=now,
        deadline_ms=deadline,
        changed_ms=now,
    )


def _next_number(session: Session) -> int:
    wait_for_other_writers(session)
    return (session.scalar(select(func.max(Notice.number))) or 0) + 1
