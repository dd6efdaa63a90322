"""Finding one incident or notice within its caller's units."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from incidents.errors import IncidentNotFoundError, NoticeNotFoundError
from incidents.models import Incident, Notice
from registry import UnitScope
from registry.repository.scoping import within


def visible_incident(scope: UnitScope) -> ColumnElement[bool]:
    """Whether an incident is of a unit of the scope; what is of no unit is for those who see everything."""
    return within(scope, Incident.unit_id)


def visible_notice(scope: UnitScope) -> ColumnElement[bool]:
    """Whether a notice is for a unit of the scope."""
    return within(scope, Notice.unit_id)


def incident_of(session: Session, scope: UnitScope, incident_id: str, *, lock: bool = False) -> Incident:
    """The incident of an id; ``lock`` keeps others from changing it until the transaction ends.

    Raises:
        IncidentNotFoundError: there is none in the scope.
    """
    statement = select(Incident).where(Incident.id == incident_id, visible_incident(scope))
    found = session.scalar(statement.with_for_update() if lock else statement)
    if found is None:
        raise IncidentNotFoundError(f"There is no incident {incident_id[:64]}; see the list of incidents")
    return found


def notice_of(session: Session, scope: UnitScope, notice_id: str, *, lock: bool = False) -> Notice:
    """The notice of an id; ``lock`` as for incidents.

    Raises:
        NoticeNotFoundError: there is none in the scope.
    """
    statement = select(Notice).where(Notice.id == notice_id, visible_notice(scope))
    found = session.scalar(statement.with_for_update() if lock else statement)
    if found is None:
        raise NoticeNotFoundError(f"There is no notice {notice_id[:64]}; see the list of notices")
    return found
