"""What the entries are called that others refer to by id; whoever sees an entry may read the names in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.entries import ConsumerEntry
from registry.models import ConsumerRecord, ResourceParent, ResourceRecord, SystemRecord, UnitRecord
from registry.registers import CONSUMERS

_AT_ONCE = 500


def unit_names(session: Session, unit_ids: Iterable[str]) -> dict[str, str]:
    """The names of units by id; what is not registered is left out."""
    return _names(session, (UnitRecord.id, UnitRecord.name), unit_ids)


def system_names(session: Session, system_ids: Iterable[str]) -> dict[str, str]:
    """The names of systems by id; what is not registered is left out."""
    return _names(session, (SystemRecord.id, SystemRecord.name), system_ids)


def resource_names(session: Session, resource_ids: Iterable[str]) -> dict[str, str]:
    """The names of resources by id; what is not registered is left out."""
    return _names(session, (ResourceRecord.id, ResourceRecord.name), resource_ids)


def resource_providers(session: Session, resource_ids: Iterable[str]) -> dict[str, str]:
    """The ids of the units that provide resources, by the resource's id."""
    return _names(session, (ResourceRecord.id, ResourceRecord.provider_id), resource_ids)


def consumers_of(session: Session, consumer_ids: Iterable[str]) -> dict[str, ConsumerEntry]:
    """Consumers by id; what is not registered is left out."""
    found: dict[str, ConsumerEntry] = {}
    for ids in _portions(consumer_ids):
        rows = list(session.scalars(select(ConsumerRecord).where(ConsumerRecord.id.in_(ids))))
        found |= {each.id: each for each in CONSUMERS.entries(session, rows)}
    return found


def derived_from(session: Session, resource_id: str) -> list[str]:
    """The ids of the resources that are derived from one."""
    wanted = select(ResourceParent.resource_id).where(ResourceParent.parent_id == resource_id)
    return list(session.scalars(wanted.order_by(ResourceParent.resource_id)))


def units_spelled(session: Session, lowered: Iterable[str]) -> dict[str, str]:
    """The ids of units as they were registered, by their small letters, in which the event store gives them back."""
    return _spelled(session, UnitRecord.id, lowered)


def resources_spelled(session: Session, lowered: Iterable[str]) -> dict[str, str]:
    """The same for resources."""
    return _spelled(session, ResourceRecord.id, lowered)


def _spelled(session: Session, column: InstrumentedAttribute[str], lowered: Iterable[str]) -> dict[str, str]:
    return {
        each.lower(): each
        for portion in _portions(lowered)
        for each in session.scalars(select(column).where(func.lower(column).in_(portion)))
    }


def _names(
    session: Session, columns: tuple[InstrumentedAttribute[str], InstrumentedAttribute[str]], ids: Iterable[str]
) -> dict[str, str]:
    key, value = columns
    return {
        row[0]: row[1]
        for portion in _portions(ids)
        for row in session.execute(select(key, value).where(key.in_(portion)))
    }


def _portions(ids: Iterable[str]) -> list[Sequence[str]]:
    """As many ids as a statement takes on every database."""
    once = sorted(set(ids))
    return [once[start : start + _AT_ONCE] for start in range(0, len(once), _AT_ONCE)]
