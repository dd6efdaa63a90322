"""The system that is assessed, as the registry knows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.errors import AssessmentNotFoundError, LevelsMissingError
from policies.compliance.checks import SystemEvents
from registry.entries import SystemEntry
from registry.errors import EntryNotFoundError
from registry.models import ResourceRecord, UnitRecord
from registry.registers import SYSTEMS
from registry.repository.listing import get_entry
from registry.scope import UnitScope

PARTIES = ("operator", "owner", "supervisor")


@dataclass(frozen=True, slots=True)
class AssessedSystem:
    """A system with its pair of levels; ``parties`` maps operator, owner and supervisor to (unit id, name).

    ``resource_ids`` are the data resources that it holds.
    """

    entry: SystemEntry
    level_s: int
    level_a: int
    parties: Mapping[str, tuple[str, str]]
    resource_ids: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The system's id."""
        return self.entry.id

    @property
    def unit_ids(self) -> frozenset[str]:
        """The accountable units."""
        return frozenset(unit_id for unit_id, _ in self.parties.values())

    def events_query(self, policy: SystemEvents) -> str:
        """What the event search is asked for the system's events."""
        named = f'{policy.name_field}:"{self.entry.id}"'
        networks = [_network(each) for each in self.entry.addresses]
        flows = [f'{policy.resource_field}:"{_quoted(each)}"' for each in self.resource_ids]
        found = [f"{field}:{network}" for field in policy.address_fields for network in networks]
        return " OR ".join([named, *found, *flows])


def assessed_system(session: Session, scope: UnitScope, system_id: str) -> AssessedSystem:
    """The system of an id.

    Raises:
        AssessmentNotFoundError: there is none that the scope shows.
        LevelsMissingError: its levels are not registered.
    """
    entry = registered_system(session, scope, system_id)
    if entry.level_s is None or entry.level_a is None:
        raise LevelsMissingError(f"system {entry.id} has no S and A levels; register them before it is assessed")
    resources = session.scalars(select(ResourceRecord.id).where(ResourceRecord.system_id == entry.id))
    held = tuple(sorted(resources))
    return AssessedSystem(entry, entry.level_s, entry.level_a, _parties(session, entry), held)


def registered_system(session: Session, scope: UnitScope, system_id: str) -> SystemEntry:
    """The entry of a system, whatever it lacks.

    Raises:
        AssessmentNotFoundError: there is none that the scope shows.
    """
    try:
        return get_entry(session, SYSTEMS, scope, system_id)
    except EntryNotFoundError as error:
        raise AssessmentNotFoundError(str(error)) from error


def resource_names(session: Session, system: AssessedSystem) -> list[str]:
    """What the data resources of a system are called."""
    names = select(ResourceRecord.name).where(ResourceRecord.system_id == system.id)
    return list(session.scalars(names.order_by(ResourceRecord.id)))


def _parties(session: Session, entry: SystemEntry) -> dict[str, tuple[str, str]]:
    found = {}
    for party in PARTIES:
        unit_id = str(getattr(entry, f"{party}_id"))
        unit = session.get(UnitRecord, unit_id)
        found[party] = (unit_id, unit.name if unit is not None else unit_id)
    return found


def _network(text: str) -> str:
    network = ip_network(text)
    is_single = network.num_addresses == 1
    written = str(network.network_address) if is_single else str(network)
    return written.replace(":", "\\:").replace("/", "\\/")


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
