"""Starts, ends, restarts and cancels clocks so that they follow the incident or notice that they are of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audit.authorship import ChangedBy
from incidents.clocks.calendar import working_calendar
from incidents.clocks.ledger import ClockKey, Happening, append, clocks_of
from incidents.clocks.policy import ClockPolicy, clocks_policy
from incidents.flow import flow_policy
from incidents.models import Clock, Incident, IncidentReport, Notice
from incidents.vocabulary import ClockAct, ClockMoment, ClockState, IncidentState, NoticeState, ReportKind, Subject

_TICKING = (ClockState.RUNNING, ClockState.PAUSED)
_ANSWER = "notice_answer"
_REPORTS = {
    ReportKind.FIRST: ClockMoment.FIRST_REPORT,
    ReportKind.UPWARD: ClockMoment.UPWARD_REPORT,
    ReportKind.SUMMARY: ClockMoment.SUMMARY_REPORT,
}


@dataclass(frozen=True, slots=True)
class _Followed:
    """What the clocks follow; ``is_over`` cancels those that still run, ``deadline_ms`` is a notice's own."""

    subject: Subject
    subject_id: str
    moments: Mapping[ClockMoment, int | None]
    is_over: bool
    level: int | None = None
    operator: str | None = None
    deadline_ms: int | None = None


def follow_incident(session: Session, incident: Incident, by: ChangedBy) -> None:
    """Bring the clocks of an incident in line with what it is now."""
    over = incident.state == IncidentState.MERGED or incident.conclusion in flow_policy().uncounted
    moments = {
        ClockMoment.OPENED: incident.reopened_ms or incident.opened_ms,
        ClockMoment.DISCOVERED: incident.discovered_ms,
        ClockMoment.ACKNOWLEDGED: incident.acknowledged_ms,
        ClockMoment.HANDLED: incident.handled_ms,
        ClockMoment.CLOSED: incident.closed_ms,
        **_reported(session, incident),
    }
    level, operator = incident.effective_level, incident.operator
    _follow(session, _Followed(Subject.INCIDENT, incident.id, moments, over, level, operator), by)


def follow_notice(session: Session, notice: Notice, by: ChangedBy) -> None:
    """Bring the clocks of a notice in line with what it is now."""
    moments = {
        ClockMoment.ISSUED: notice.issued_ms,
        ClockMoment.ACKNOWLEDGED: notice.acknowledged_ms,
        ClockMoment.ANSWERED: notice.answered_ms,
        ClockMoment.VERIFIED: notice.verified_ms,
    }
    over = notice.state == NoticeState.WITHDRAWN
    _follow(session, _Followed(Subject.NOTICE, notice.id, moments, over, deadline_ms=notice.deadline_ms), by)


def _reported(session: Session, incident: Incident) -> dict[ClockMoment, int]:
    of_it = select(IncidentReport.kind, func.min(IncidentReport.reported_ms)).where(
        IncidentReport.incident_id == incident.id
    )
    return {_REPORTS[ReportKind(kind)]: at for kind, at in session.execute(of_it.group_by(IncidentReport.kind))}


def _follow(session: Session, followed: _Followed, by: ChangedBy) -> None:
    clocks = clocks_of(session, followed.subject, followed.subject_id)
    for code in clocks_policy().codes(followed.subject):
        key = ClockKey(followed.subject, followed.subject_id, code)
        _follow_one(session, followed, (key, clocks.get(code)), by)


def _follow_one(session: Session, followed: _Followed, present: tuple[ClockKey, Clock | None], by: ChangedBy) -> None:
    key, clock = present
    entry = None if followed.is_over else _entry(followed, key.code)
    begun = followed.moments.get(entry.begins) if entry else None
    if entry is None or begun is None:
        _cancel(session, key, clock, by)
        return
    ended = followed.moments.get(entry.ends)
    if clock is not None and (clock.started_ms != begun or clock.entry != entry.id):
        _cancel(session, key, clock, by)
        clock = None
    if clock is None or clock.state == ClockState.CANCELLED or (clock.state == ClockState.MET and ended is None):
        start = Happening(ClockAct.START, entry.id, begun_ms=begun, due_ms=_due(followed, entry, begun))
        clock = append(session, key, start, by)
    if clock.state in _TICKING and ended is not None:
        append(session, key, Happening(ClockAct.MET, entry.id, reached_ms=ended), by)
    elif clock.state == ClockState.RUNNING and clock.due_ms != (deadline := _deadline(followed, entry, clock)):
        append(session, key, Happening(ClockAct.EXTEND, entry.id, due_ms=deadline), by)


def _entry(followed: _Followed, code: str) -> ClockPolicy | None:
    for each in clocks_policy().clocks:
        begun = followed.moments.get(each.begins)
        fits = each.code == code and each.subject is followed.subject and begun is not None
        fits = fits and (followed.level is None or followed.level in each.levels)
        fits = fits and (followed.operator is None or followed.operator in each.operators)
        if fits and begun is not None and each.in_force(working_calendar().local_day(begun)):
            return each
    return None


def _due(followed: _Followed, entry: ClockPolicy, begun: int) -> int:
    if entry.code == _ANSWER and followed.deadline_ms is not None:
        return followed.deadline_ms
    return entry.duration.due(begun, working_calendar())


def _deadline(followed: _Followed, entry: ClockPolicy, clock: Clock) -> int | None:
    return followed.deadline_ms if entry.code == _ANSWER else clock.due_ms


def _cancel(session: Session, key: ClockKey, clock: Clock | None, by: ChangedBy) -> None:
    if clock is not None and clock.state in _TICKING:
        append(session, key, Happening(ClockAct.CANCEL, clock.entry), by)
