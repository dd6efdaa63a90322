"""Units and systems in memory: the tree, the names, and where an address stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_network

from registry.comparison import comparable
from registry.index.entries import System, Unit
from registry.index.networks import NetworkTable, parse_address
from registry.policy import ZonePolicy


class Organization:
    """The units with their tree, the systems with their addresses, and the zones."""

    def __init__(self, units: Iterable[Unit], systems: Iterable[System], zones: ZonePolicy) -> None:
        """Index them."""
        self.units: Mapping[str, Unit] = {unit.id: unit for unit in units}
        self.systems: Mapping[str, System] = {system.id: system for system in systems}
        self._lineage = {unit.id: frozenset(unit.path.strip("/").split("/")) for unit in self.units.values()}
        self._by_name = _unique_names(self.units.values())
        self._registered = NetworkTable(
            (ip_network(address), system) for system in self.systems.values() for address in system.addresses
        )
        self._by_log_name = {name: system for system in self.systems.values() for name in system.log_names}
        self._ranges = NetworkTable((each.network, each.zone) for each in zones.ranges)
        self._zones = zones

    def unit_named(self, name: str) -> Unit | None:
        """The unit of a name; None when there is none or several have it."""
        return self._by_name.get(comparable(name))

    def lineage(self, unit_id: str) -> frozenset[str]:
        """The ids of a unit and of all above it."""
        return self._lineage.get(unit_id, frozenset({unit_id}))

    def system_of(self, address: str) -> System | None:
        """The system of whose networks the narrowest holds the address."""
        return self._registered.find(address)

    def system_called(self, name: str) -> System | None:
        """The system of a name in logs; a host is known by its full name, or by the name before its domain."""
        folded = name.casefold()
        return self._by_log_name.get(folded) or self._by_log_name.get(folded.partition(".")[0])

    def zone(self, address: str) -> str | None:
        """The zone of an address: of its system, else of its range, else the default; None for what is no address."""
        system = self._registered.find(address)
        if system is not None:
            return system.zone
        return self._ranges.find(address) or (self._zones.default if parse_address(address) else None)

    def trust(self, zone: str) -> int | None:
        """How far a zone is trusted, higher being more; None for an unknown zone."""
        known = self._zones.zones.get(zone)
        return known.trust if known else None


def _unique_names(units: Iterable[Unit]) -> dict[str, Unit]:
    found: dict[str, list[Unit]] = {}
    for unit in units:
        found.setdefault(comparable(unit.name), []).append(unit)
    return {name: same[0] for name, same in found.items() if len(same) == 1}
