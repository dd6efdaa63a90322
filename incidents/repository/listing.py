"""Lists and counts of incidents and notices, newest first, within their caller's units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from incidents.models import Incident, Notice, NoticeTransition
from incidents.repository.lookup import visible_incident, visible_notice
from incidents.vocabulary import NoticeState
from registry import UnitScope

_WITH_UNIT = (NoticeState.ISSUED.value, NoticeState.ACKNOWLEDGED.value, NoticeState.REJECTED.value)
_Statement = TypeVar("_Statement", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True, slots=True)
class IncidentFilter:
    """Which incidents: every condition that is set must hold; ``text`` is part of the title or the number."""

    states: Sequence[str] = ()
    levels: Sequence[int] = ()
    unit_id: str | None = None
    system_id: str | None = None
    owner_id: str | None = None
    class_code: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class NoticeFilter:
    """Which notices: every condition that is set must hold; ``overdue_at`` (ms): unanswered by their deadline then."""

    states: Sequence[str] = ()
    unit_id: str | None = None
    incident_id: str | None = None
    overdue_at: int | None = None
    text: str = ""


def list_incidents(
    session: Session, scope: UnitScope, criteria: IncidentFilter, *, limit: int = 50, before: int | None = None
) -> list[Incident]:
    """A page of incidents, those numbered below ``before``."""
    statement = _narrow_incidents(select(Incident).where(visible_incident(scope)), criteria)
    if before is not None:
        statement = statement.where(Incident.number < before)
    return list(session.scalars(statement.order_by(Incident.number.desc()).limit(limit)))


def count_incidents(session: Session, scope: UnitScope, criteria: IncidentFilter) -> dict[str, int]:
    """How many of the incidents are in each state."""
    counted = select(Incident.state, func.count()).where(visible_incident(scope))
    rows = session.execute(_narrow_incidents(counted, criteria).group_by(Incident.state))
    return {row[0]: row[1] for row in rows}


def list_notices(
    session: Session, scope: UnitScope, criteria: NoticeFilter, *, limit: int = 50, before: int | None = None
) -> list[Notice]:
    """A page of notices, those numbered below ``before``."""
    statement = _narrow_notices(select(Notice).where(visible_notice(scope)), criteria)
    if before is not None:
        statement = statement.where(Notice.number < before)
    return list(session.scalars(statement.order_by(Notice.number.desc()).limit(limit)))


def count_notices(session: Session, scope: UnitScope, criteria: NoticeFilter) -> dict[str, int]:
    """How many of the notices are in each state."""
    counted = select(Notice.state, func.count()).where(visible_notice(scope))
    rows = session.execute(_narrow_notices(counted, criteria).group_by(Notice.state))
    return {row[0]: row[1] for row in rows}


def notice_transitions(session: Session, notice_id: str) -> list[NoticeTransition]:
    """The steps of a notice that the caller may see, oldest first."""
    of_it = select(NoticeTransition).where(NoticeTransition.notice_id == notice_id)
    return list(session.scalars(of_it.order_by(NoticeTransition.id)))


def is_overdue(notice: Notice, now: int) -> bool:
    """Whether a notice waits for its unit beyond the deadline."""
    return notice.state in _WITH_UNIT and notice.deadline_ms < now


def _narrow_incidents(statement: _Statement, criteria: IncidentFilter) -> _Statement:
    if criteria.states:
        statement = statement.where(Incident.state.in_(list(criteria.states)))
    if criteria.levels:
        statement = statement.where(func.coalesce(Incident.level, Incident.proposed_level).in_(list(criteria.levels)))
    for column, value in (
        (Incident.unit_id, criteria.unit_id),
        (Incident.system_id, criteria.system_id),
        (Incident.owner_id, criteria.owner_id),
        (Incident.class_code, criteria.class_code),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if criteria.text:
        statement = statement.where(_has_text(Incident.title, Incident.number, criteria.text))
    return statement


def _narrow_notices(statement: _Statement, criteria: NoticeFilter) -> _Statement:
    if criteria.states:
        statement = statement.where(Notice.state.in_(list(criteria.states)))
    if criteria.unit_id is not None:
        statement = statement.where(Notice.unit_id == criteria.unit_id)
    if criteria.incident_id is not None:
        statement = statement.where(Notice.incident_id == criteria.incident_id)
    if criteria.overdue_at is not None:
        statement = statement.where(Notice.state.in_(_WITH_UNIT), Notice.deadline_ms < criteria.overdue_at)
    if criteria.text:
        statement = statement.where(_has_text(Notice.title, Notice.number, criteria.text))
    return statement


def _has_text(title: Any, number: Any, text: str) -> Any:  # noqa: ANN401 (mapped columns, a SQL condition)
    found = title.icontains(text, autoescape=True)
    digits = text.removeprefix("#")
    return or_(found, number == int(digits)) if digits.isascii() and digits.isdigit() and len(digits) < 10 else found  # noqa: PLR2004 (of 32 bits)
