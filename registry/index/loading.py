"""Reads the parts of the index from the records database, in as few and as plain queries as it takes."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.index.catalog import Catalog
from registry.index.entries import Account, Consumer, Field, Resource, System, Unit
from registry.index.organization import Organization
from registry.index.snapshot import Consumers
from registry.models import (
    AccountRecord,
    ConsumerRecord,
    ResourceField,
    ResourceParent,
    ResourceRecord,
    SystemAddress,
    SystemLogName,
    SystemRecord,
    UnitRecord,
)
from registry.policy import ZonePolicy
from registry.vocabulary import AccountState, ConsumerKind, Opening, ResourceKind, Sharing, UnitLevel


def load_organization(session: Session, zones: ZonePolicy) -> Organization:
    """The units and systems."""
    addresses = _grouped(session, SystemAddress.system_id, SystemAddress.network)
    log_names = _grouped(session, SystemLogName.system_id, SystemLogName.name)
    units = [
        Unit(row.id, row.name, UnitLevel(row.level), row.parent_id, row.path)
        for row in session.scalars(select(UnitRecord))
    ]
    systems = [
        System(
            id=row.id,
            name=row.name,
            operator_id=row.operator_id,
            owner_id=row.owner_id,
            supervisor_id=row.supervisor_id,
            level=row.level,
            level_s=row.level_s,
            level_a=row.level_a,
            is_critical=row.is_critical,
            zone=row.zone,
            addresses=tuple(addresses.get(row.id, ())),
            log_names=tuple(log_names.get(row.id, ())),
        )
        for row in session.scalars(select(SystemRecord))
    ]
    return Organization(units, systems, zones)


def load_catalog(session: Session) -> Catalog:
    """The resources with their fields and lineage."""
    fields: dict[str, dict[str, Field]] = {}
    for row in session.scalars(select(ResourceField).order_by(ResourceField.resource_id, ResourceField.position)):
        fields.setdefault(row.resource_id, {})[row.name] = Field(row.grade, tuple(row.categories), row.label)
    parents = _grouped(session, ResourceParent.resource_id, ResourceParent.parent_id)
    rows = session.scalars(select(ResourceRecord).order_by(ResourceRecord.id))
    return Catalog(_resource(row, fields.get(row.id, {}), tuple(parents.get(row.id, ()))) for row in rows)


def load_consumers(session: Session) -> Consumers:
    """The consumers with their accounts."""
    consumers = {
        row.id: Consumer(row.id, row.name, ConsumerKind(row.kind), row.unit_id, row.contract_end_ms)
        for row in session.scalars(select(ConsumerRecord))
    }
    accounts = [
        Account(row.id, consumers[row.consumer_id], AccountState(row.state), row.system_id, row.last_used_ms)
        for row in session.scalars(select(AccountRecord))
        if row.consumer_id in consumers  # else it was registered between the two looks, and the next refresh reads both
    ]
    return Consumers.of(accounts, consumers.values())


def _resource(row: ResourceRecord, fields: dict[str, Field], parents: tuple[str, ...]) -> Resource:
    return Resource(
        id=row.id,
        name=row.name,
        kind=ResourceKind(row.kind),
        provider_id=row.provider_id,
        system_id=row.system_id,
        grade=row.grade,
        categories=tuple(row.categories),
        fields=fields,
        sharing=Sharing(row.sharing),
        opening=Opening(row.opening),
        dedicated=frozenset(row.dedicated),
        parents=parents,
        database=row.database,
        schema=row.schema,
        table=row.table,
        method=row.method,
        path=row.path,
        owner=row.owner,
        updated_ms=row.updated_ms,
    )


def _grouped(
    session: Session, key: InstrumentedAttribute[str], value: InstrumentedAttribute[str]
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, each in session.execute(select(key, value).order_by(key, value)):
        found.setdefault(name, []).append(each)
    return found
