"""Units as a tree and one by one, and information systems, within the reader's units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.access import signed_in
from api.caller import Caller
from api.dependencies import ApiDependencies
from api.registry_work import READ, EntryPage, RegisterQuery, read_page
from registry.entries import ResourceEntry, SystemEntry, UnitEntry
from registry.registers import RESOURCES, SYSTEMS, UNITS
from registry.repository.listing import Paging, Search, every_entry, get_entry, list_entries
from registry.repository.names import unit_names

_SHOWN = 100


@dataclass(frozen=True, slots=True)
class UnitNode:
    """A unit with the units below it, by id."""

    unit: UnitEntry
    below: Sequence[UnitNode]


@dataclass(frozen=True, slots=True)
class UnitView:
    """A unit with its contacts, the units above and below it, its systems and what it provides (the first of them)."""

    unit: UnitEntry
    below: Sequence[UnitEntry]
    systems: Sequence[SystemEntry]
    resources: Sequence[ResourceEntry]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SystemView:
    """A system with the names of its accountable units, and what it holds (the first of it)."""

    system: SystemEntry
    resources: Sequence[ResourceEntry]
    names: Mapping[str, str]


def unit_tree(dependencies: ApiDependencies, caller: Caller) -> list[UnitNode]:
    """The units that the caller may see; those whose unit above is not among them are the roots."""
    with dependencies.records.read() as session:
        units = list(every_entry(session, UNITS, signed_in(caller).unit_scope(READ)))
    by_parent: dict[str | None, list[UnitEntry]] = {}
    seen = {each.id for each in units}
    for each in units:
        by_parent.setdefault(each.parent_id if each.parent_id in seen else None, []).append(each)
    return _nodes(by_parent, None)


def view_unit(dependencies: ApiDependencies, unit_id: str, caller: Caller) -> UnitView:
    """One unit.

    Raises:
        EntryNotFoundError: there is none that the caller may see.
    """
    scope, first = signed_in(caller).unit_scope(READ), Paging(_SHOWN)
    with dependencies.records.read() as session:
        unit = get_entry(session, UNITS, scope, unit_id)
        below = list_entries(session, UNITS, scope, Search(equal=(("parent_id", unit_id),)), first)
        systems = list_entries(session, SYSTEMS, scope, Search(equal=(("owner_id", unit_id),)), first)
        resources = list_entries(session, RESOURCES, scope, Search(equal=(("provider_id", unit_id),)), first)
        return UnitView(unit, below, systems, resources, unit_names(session, [unit.parent_id or ""]))


def list_systems(
    dependencies: ApiDependencies, query: RegisterQuery, caller: Caller
) -> tuple[EntryPage[SystemEntry], Mapping[str, str]]:
    """One page of the systems, with the names of their accountable units."""
    page = read_page(dependencies, SYSTEMS, query, caller)
    with dependencies.records.read() as session:
        return page, unit_names(session, {unit for each in page.entries for unit in _accountable(each)})


def view_system(dependencies: ApiDependencies, system_id: str, caller: Caller) -> SystemView:
    """One system.

    Raises:
        EntryNotFoundError: there is none that the caller may see.
    """
    scope = signed_in(caller).unit_scope(READ)
    with dependencies.records.read() as session:
        system = get_entry(session, SYSTEMS, scope, system_id)
        held = list_entries(session, RESOURCES, scope, Search(equal=(("system_id", system_id),)), Paging(_SHOWN))
        return SystemView(system, held, unit_names(session, _accountable(system)))


def _nodes(by_parent: Mapping[str | None, Sequence[UnitEntry]], parent: str | None) -> list[UnitNode]:
    return [UnitNode(each, _nodes(by_parent, each.id)) for each in by_parent.get(parent, ())]


def _accountable(system: SystemEntry) -> tuple[str, str, str]:
    return system.operator_id, system.owner_id, system.supervisor_id
