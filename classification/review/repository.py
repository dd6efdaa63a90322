"""All queries of findings; whatever people ask for goes through the units that they may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, literal, or_, select, true, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from classification.review.errors import FindingNotFoundError
from classification.review.models import ClassifiedResource, Finding, FindingState, FindingStep
from registry.models import ResourceRecord
from registry.repository.scoping import sees_unit, within
from registry.scope import UnitScope

Position = tuple[int, int, str]
"""Where a page of findings ended: grade rank, creation (ms), id."""


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """Which findings; what is empty or None asks for nothing.

    Attributes:
        states: their states.
        resource_id: of one resource.
        categories: of these categories.
        grades: of these grades.
        text: in the names of resources and fields.
        disagreeing: only those that a scan disagrees with.
        due_before_ms: only confirmed ones whose next review is due before this moment.
    """

    states: Sequence[FindingState] = ()
    resource_id: str | None = None
    categories: Sequence[str] = ()
    grades: Sequence[str] = ()
    text: str | None = None
    disagreeing: bool = False
    due_before_ms: int | None = None


@dataclass(frozen=True, slots=True)
class KnownResource:
    """A resource that findings can be about, and the unit whose it is."""

    id: str
    name: str
    unit_id: str | None


def list_findings(
    session: Session, scope: UnitScope, wanted: FindingFilter, limit: int, after: Position | None = None
) -> list[Finding]:
    """At most ``limit`` findings of a scope after a position: the highest grade first, then the newest."""
    statement = select(Finding).where(_visible(scope, Finding.resource_id, Finding.unit_id), *_conditions(wanted))
    place = tuple_(-Finding.grade_rank, -Finding.created_ms, Finding.id)
    if after is not None:
        rank, created, finding_id = after
        statement = statement.where(place > tuple_(literal(-rank), literal(-created), literal(finding_id)))
    order = (Finding.grade_rank.desc(), Finding.created_ms.desc(), Finding.id)
    return list(session.scalars(statement.order_by(*order).limit(limit)))


def count_findings(session: Session, scope: UnitScope) -> dict[str, int]:
    """How many findings of a scope stand in each state."""
    statement = select(Finding.state, func.count()).where(_visible(scope, Finding.resource_id, Finding.unit_id))
    return {row[0]: row[1] for row in session.execute(statement.group_by(Finding.state))}


def get_finding(session: Session, scope: UnitScope, finding_id: str, *, lock: bool = False) -> Finding:
    """The finding of an id; ``lock`` keeps others from moving it before the transaction ends.

    Raises:
        FindingNotFoundError: there is none, or none within the scope.
    """
    statement = select(Finding).where(Finding.id == finding_id)
    statement = statement.where(_visible(scope, Finding.resource_id, Finding.unit_id))
    row = session.scalar(statement.with_for_update() if lock else statement)
    if row is None:
        raise FindingNotFoundError("There is no finding of this id that you may see; reload the list")
    return row


def finding_steps(session: Session, scope: UnitScope, finding_id: str) -> list[FindingStep]:
    """The history of a finding, oldest first.

    Raises:
        FindingNotFoundError: there is no such finding, or none within the scope.
    """
    row = get_finding(session, scope, finding_id)
    return list(session.scalars(select(FindingStep).where(FindingStep.finding_id == row.id).order_by(FindingStep.id)))


def find_resource(session: Session, scope: UnitScope, resource_id: str) -> KnownResource | None:
    """A resource that is registered or was looked at; None where there is none within the scope."""
    registered = session.get(ResourceRecord, resource_id)
    if registered is not None:
        if not sees_unit(session, scope, registered.provider_id):
            return None
        return KnownResource(registered.id, registered.name, registered.provider_id)
    noted = session.get(ClassifiedResource, resource_id)
    if noted is None or not (scope.is_everything or (noted.unit_id and sees_unit(session, scope, noted.unit_id))):
        return None
    return KnownResource(noted.resource_id, noted.resource_name, noted.unit_id)


def last_looks(session: Session, resource_ids: Sequence[str]) -> dict[str, ClassifiedResource]:
    """When and by which detectors resources were last looked at, by id; for resources that the reader sees."""
    statement = select(ClassifiedResource).where(ClassifiedResource.resource_id.in_(resource_ids))
    return {row.resource_id: row for row in session.scalars(statement)}


def find_field_finding(session: Session, resource_id: str, field: str, category: str) -> Finding | None:
    """The finding of one category in one field, locked until the transaction ends; None where there is none."""
    wanted = (Finding.resource_id == resource_id) & (Finding.field == field) & (Finding.category == category)
    return session.scalar(select(Finding).where(wanted).with_for_update())


def note_resource(session: Session, resource_id: str, seen: Mapping[str, object]) -> None:
    """Write that a resource was looked at, and keep other scans of it waiting until the transaction ends.

    What is None in ``seen`` leaves what an earlier scan knew.
    """
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(ClassifiedResource).values(resource_id=resource_id, **seen)
    session.execute(statement.on_conflict_do_nothing())
    row = session.get_one(ClassifiedResource, resource_id, with_for_update=True, populate_existing=True)
    for name, value in seen.items():
        if value is not None:
            setattr(row, name, value)
    session.flush()


def findings_of_resource(session: Session, resource_id: str, *, lock: bool = False) -> list[Finding]:
    """The findings about one resource, by field; for the product itself, which sees all units."""
    statement = select(Finding).where(Finding.resource_id == resource_id).order_by(Finding.field, Finding.category)
    return list(session.scalars(statement.with_for_update() if lock else statement))


def _visible(
    scope: UnitScope, resource_id: InstrumentedAttribute[str], unit_id: InstrumentedAttribute[str | None]
) -> ColumnElement[bool]:
    """A registered resource belongs to its provider, another to the unit that its scan named."""
    if scope.is_everything:
        return true()
    provided = select(ResourceRecord.id).where(within(scope, ResourceRecord.provider_id))
    unregistered = resource_id.not_in(select(ResourceRecord.id))
    return or_(resource_id.in_(provided), unregistered & within(scope, unit_id))


def _conditions(wanted: FindingFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.states:
        conditions.append(Finding.state.in_([state.value for state in wanted.states]))
    if wanted.resource_id is not None:
        conditions.append(Finding.resource_id == wanted.resource_id)
    if wanted.categories:
        conditions.append(Finding.category.in_(wanted.categories))
    if wanted.grades:
        conditions.append(Finding.grade.in_(wanted.grades))
    if wanted.text:
        names = (Finding.resource_id, Finding.resource_name, Finding.field)
        conditions.append(or_(*(name.icontains(wanted.text, autoescape=True) for name in names)))
    if wanted.disagreeing:
        conditions.append(Finding.disagreement.is_not(None))
    if wanted.due_before_ms is not None:
        conditions.append(Finding.state == FindingState.CONFIRMED.value)
        conditions.append(Finding.review_due_ms < wanted.due_before_ms)
    return conditions
