"""What the console shows of incidents: the board by the five steps, and one incident with all around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import Field
from sqlalchemy.orm import Session

from api.access import signed_in
from api.alert_query import alert_scope
from api.caller import Caller
from api.dependencies import ApiDependencies
from api.form_query import FormQuery
from api.incident_work import NOTICES, READ, Id, Title, scope_of
from detection.alerts import Alert
from incidents import (
    Attachment,
    Clock,
    Incident,
    IncidentNotFoundError,
    IncidentReport,
    IncidentTask,
    Notice,
    Subject,
    TimelineItem,
    attachments_of,
    clocks_of,
    linked_alert_ids,
    reports_of,
    tasks_of,
    timeline,
)
from incidents.flow import STEPS
from incidents.repository.around import alerts_of, going_clocks
from incidents.repository.listing import (
    IncidentFilter,
    NoticeFilter,
    count_incidents,
    list_incidents,
    list_notices,
)
from incidents.repository.lookup import incident_of
from registry import UnitScope
from registry.repository.names import system_names, unit_names

_CARDS = 40
_ALERTS = 100
_NOTICES = 100
ENDED = ("closed", "merged")


class BoardQuery(FormQuery):
    """Which incidents the board shows; ``ended`` those that are over instead of those under way."""

    text: Title = ""
    level: list[Annotated[int, Field(ge=1, le=4)]] = Field(default=[])
    unit: Id | None = None
    mine: bool = False
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    """Incidents by state (some of each), how many there are in each, their going clocks, and their units' names."""

    columns: Mapping[str, Sequence[Incident]]
    counts: Mapping[str, int]
    clocks: Mapping[str, Sequence[Clock]]
    units: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class IncidentView:
    """An incident with all that is known around it; ``units`` and ``systems`` name what the rest refers to by id."""

    incident: Incident
    clocks: Sequence[Clock]
    alerts: Sequence[Alert]
    timeline: Sequence[TimelineItem]
    tasks: Sequence[IncidentTask]
    reports: Sequence[IncidentReport]
    attachments: Sequence[Attachment]
    notices: Sequence[Notice]
    merged: Incident | None
    units: Mapping[str, str]
    systems: Mapping[str, str]


def view_board(dependencies: ApiDependencies, query: BoardQuery, caller: Caller) -> Board:
    """The board of the incidents within the caller's units."""
    owner = signed_in(caller).user_id if query.mine else None
    criteria = IncidentFilter(levels=query.level, unit_id=query.unit, owner_id=owner, text=query.text)
    states = ENDED if query.ended else tuple(step.value for step in STEPS)
    scope = scope_of(caller, READ)
    with dependencies.records.read() as session:
        columns = {
            state: list_incidents(session, scope, replace(criteria, states=[state]), limit=_CARDS) for state in states
        }
        shown = [incident for column in columns.values() for incident in column]
        return Board(
            columns,
            count_incidents(session, scope, criteria),
            going_clocks(session, Subject.INCIDENT, [incident.id for incident in shown]),
            unit_names(session, {incident.unit_id for incident in shown if incident.unit_id}),
        )


def view_incident(dependencies: ApiDependencies, incident_id: str, caller: Caller) -> IncidentView:
    """An incident and all around it.

    Raises:
        IncidentNotFoundError: there is none within the caller's units.
    """
    scope = scope_of(caller, READ)
    with dependencies.records.read() as session:
        incident = incident_of(session, scope, incident_id)
        into = incident.merged_into_id
        notices = _notices(session, incident, caller)
        named = {incident.unit_id, *incident.accountable.values(), *(notice.unit_id for notice in notices)}
        return IncidentView(
            incident,
            list(clocks_of(session, Subject.INCIDENT, incident.id).values()),
            alerts_of(session, alert_scope(caller), linked_alert_ids(session, incident.id)[:_ALERTS]),
            timeline(session, scope, incident.id),
            tasks_of(session, incident.id),
            reports_of(session, incident.id),
            attachments_of(session, Subject.INCIDENT, incident.id),
            notices,
            _other(session, scope, into),
            unit_names(session, {unit for unit in named if unit}),
            system_names(session, [incident.system_id] if incident.system_id else []),
        )


def open_incidents(dependencies: ApiDependencies, caller: Caller) -> list[Incident]:
    """The latest incidents under way, to which something may be added."""
    criteria = IncidentFilter(states=[step.value for step in STEPS])
    with dependencies.records.read() as session:
        return list_incidents(session, scope_of(caller, READ), criteria, limit=_CARDS)


def _notices(session: Session, incident: Incident, caller: Caller) -> list[Notice]:
    if not signed_in(caller).may(NOTICES):
        return []
    return list_notices(session, scope_of(caller, NOTICES), NoticeFilter(incident_id=incident.id), limit=_NOTICES)


def _other(session: Session, scope: UnitScope, incident_id: str | None) -> Incident | None:
    try:
        return incident_of(session, scope, incident_id) if incident_id else None
    except IncidentNotFoundError:
        return None
