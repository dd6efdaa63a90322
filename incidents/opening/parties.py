"""Finds the unit and the system that an alert is about, by what its entities name in the registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from incidents.opening.policy import Party
from registry.models import AccountRecord, ConsumerRecord, GrantRecord, ResourceRecord, SystemRecord, UnitRecord


@dataclass(frozen=True, slots=True)
class Parties:
    """Whose an alert is, and about which consumer; None where the registry does not tell."""

    unit_id: str | None = None
    system_id: str | None = None
    consumer_id: str | None = None

    def or_else(self, others: Parties) -> Parties:
        """Others where these are not known."""
        return Parties(
            self.unit_id or others.unit_id,
            self.system_id or others.system_id,
            self.consumer_id or others.consumer_id,
        )


def parties_of(session: Session, entity: Mapping[str, str], named_by: Mapping[str, Party]) -> Parties:
    """The first registered unit, system and consumer that an alert's entities name."""
    parties = Parties()
    for name, party in named_by.items():
        value = entity.get(name)
        found = _FIND[party](session, value) if value else None
        if found is not None:
            parties = parties.or_else(found)
    return parties


def _of_unit(session: Session, value: str) -> Parties | None:
    unit = session.get(UnitRecord, value)
    return Parties(unit.id) if unit else None


def _of_consumer(session: Session, value: str) -> Parties | None:
    consumer = session.get(ConsumerRecord, value)
    return Parties(consumer.unit_id, consumer_id=consumer.id) if consumer else None


def _of_account(session: Session, value: str) -> Parties | None:
    account = session.get(AccountRecord, value)
    found = _of_consumer(session, account.consumer_id) if account else None
    return Parties(found.unit_id, account.system_id, found.consumer_id) if found and account else None


def _of_grant(session: Session, value: str) -> Parties | None:
    grant = session.get(GrantRecord, value)
    found = _of_consumer(session, grant.consumer_id) if grant else None
    return found.or_else(_of_resource(session, grant.resource_id) or Parties()) if found and grant else None


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
    Party.GRANT: _of_grant,
}
