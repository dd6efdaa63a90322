"""Reading the append-only rows of incidents and notices of a period, from which figures are recomputed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from incidents.models import (
    ClockEvent,
    Incident,
    IncidentTransition,
    Notice,
    NoticeTransition,
    TimelineRecord,
)
from incidents.repository.lookup import visible_incident, visible_notice
from incidents.vocabulary import Subject, TimelineKind
from registry import UnitScope

_IDS_A_QUERY = 500


class Span(Protocol):
    """Items begun in [start_ms, end_ms), with what was known at ``as_of_ms``."""

    @property
    def start_ms(self) -> int:
        """The first moment."""
        ...

    @property
    def end_ms(self) -> int:
        """The first moment after."""
        ...

    @property
    def as_of_ms(self) -> int:
        """Later rows are left out."""
        ...


def incident_steps(session: Session, scope: UnitScope, span: Span) -> dict[str, list[IncidentTransition]]:
    """The steps of the incidents opened in a span, oldest first, by incident."""
    opened = select(Incident.id).where(
        visible_incident(scope), Incident.opened_ms >= span.start_ms, Incident.opened_ms < span.end_ms
    )
    rows = select(IncidentTransition).where(
        IncidentTransition.incident_id.in_(opened), IncidentTransition.at <= span.as_of_ms
    )
    ordered = session.scalars(rows.order_by(IncidentTransition.incident_id, IncidentTransition.id))
    return {key: list(steps) for key, steps in groupby(ordered, key=lambda step: step.incident_id)}


def notice_steps(session: Session, scope: UnitScope, span: Span) -> dict[str, list[NoticeTransition]]:
    """The steps of the notices issued in a span, oldest first, by notice."""
    issued = select(Notice.id).where(
        visible_notice(scope), Notice.issued_ms >= span.start_ms, Notice.issued_ms < span.end_ms
    )
    rows = select(NoticeTransition).where(NoticeTransition.notice_id.in_(issued), NoticeTransition.at <= span.as_of_ms)
    ordered = session.scalars(rows.order_by(NoticeTransition.notice_id, NoticeTransition.id))
    return {key: list(steps) for key, steps in groupby(ordered, key=lambda step: step.notice_id)}


def events_of_clock(
    session: Session, subject: Subject, clock: str, ids: Sequence[str], span: Span
) -> dict[str, list[ClockEvent]]:
    """What happened to one clock of each of these, oldest first."""
    found: dict[str, list[ClockEvent]] = {}
    for start in range(0, len(ids), _IDS_A_QUERY):
        wanted = select(ClockEvent).where(
            ClockEvent.subject == subject,
            ClockEvent.subject_id.in_(ids[start : start + _IDS_A_QUERY]),
            ClockEvent.clock == clock,
            ClockEvent.recorded_ms <= span.as_of_ms,
        )
        for event in session.scalars(wanted.order_by(ClockEvent.id)):
            found.setdefault(event.subject_id, []).append(event)
    return found


def first_owned(session: Session, ids: Sequence[str], span: Span) -> dict[str, int]:
    """When each of these incidents first had an owner."""
    found: dict[str, int] = {}
    for start in range(0, len(ids), _IDS_A_QUERY):
        wanted = select(TimelineRecord.incident_id, func.min(TimelineRecord.at)).where(
            TimelineRecord.incident_id.in_(ids[start : start + _IDS_A_QUERY]),
            TimelineRecord.kind == TimelineKind.OWNER,
            TimelineRecord.at <= span.as_of_ms,
        )
        rows = session.execute(wanted.group_by(TimelineRecord.incident_id))
        found |= {row[0]: row[1] for row in rows}
    return found
