"""Finds the unit and the system that an alert is about, by what its entities name in the registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from incidents.opening.policy import Party
from registry.models import AccountRecord, ConsumerRecord, ResourceRecord, SystemRecord, UnitRecord


@dataclass(frozen=True, slots=True)
class Parties:
    """Whose an alert is; None where the registry does not tell."""

    unit_id: str | None = None
    system_id: str | None = None

    def or_else(self, others: Parties) -> Parties:
        """Others where these are not known."""
        return Parties(self.unit_id or others.unit_id, self.system_id or others.system_id)


def parties_of(session: Session, entity: Mapping[str, str], named_by: Mapping[str, Party]) -> Parties:
    """The first registered unit, and the first registered system, that an alert's entities name."""
    unit_id: str | None = None
    system_id: str | None = None
    for name, party in named_by.items():
        value = entity.get(name)
        found = _FIND[party](session, value) if value else None
        if found is not None:
            unit_id, system_id = unit_id or found.unit_id, system_id or found.system_id
    return Parties(unit_id, system_id)


def _of_unit(session: Session, value: str) -> Parties | None:
    unit = session.get(UnitRecord, value)
    return Parties(unit.id) if unit else None


def _of_consumer(session: Session, value: str) -> Parties | None:
    consumer = session.get(ConsumerRecord, value)
    return Parties(consumer.unit_id) if consumer else None


def _of_account(session: Session, value: str) -> Parties | None:
    account = session.get(AccountRecord, value)
    found = _of_consumer(session, account.consumer_id) if account else None
    return Parties(found.unit_id, account.system_id) if found and account else None


def _of_system(session: Session, value: str) -> Parties | None:
    system = session.get(SystemRecord, value)
    return Parties(system.operator_id, system.id) if system else None


def _of_resource(session: Session, value: str) -> Parties | None:
    resource = session.get(ResourceRecord, value)
    return Parties(resource.provider_id, resource.system_id) if resource else None


_FIND: dict[Party, Callable[[Session, str], Parties | None]] = {
    Party.UNIT: _of_unit,
    Party.CONSUMER: _of_consumer,
    Party.ACCOUNT: _of_account,
    Party.SYSTEM: _of_system,
    Party.RESOURCE: _of_resource,
}
