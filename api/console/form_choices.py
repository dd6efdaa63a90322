"""What the selections of forms offer: entries of the registry by id and name, within the caller's units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.access import signed_in
from api.caller import Caller
from api.console.form_inputs import Options
from api.dependencies import ApiDependencies
from api.registry_work import READ
from registry.registers import CONSUMERS, RESOURCES, SYSTEMS, UNITS, Register
from registry.repository.listing import Paging, Search, list_entries

_MOST = 400
"""A selection of more is no help any more; an id is written instead."""
_OFFERED: Mapping[str, Register[Any, Any]] = {"units": UNITS, "systems": SYSTEMS, "consumers": CONSUMERS}


def entry_choices(dependencies: ApiDependencies, caller: Caller) -> dict[str, Options]:
    """Units, systems and consumers; none of a register that has too many to choose from."""
    return {name: _choices(dependencies, register, caller) for name, register in _OFFERED.items()}


def resource_choices(dependencies: ApiDependencies, caller: Caller) -> Options:
    """The resources that the caller sees; none where there are too many to choose from."""
    return _choices(dependencies, RESOURCES, caller)


def _choices(dependencies: ApiDependencies, register: Register[Any, Any], caller: Caller) -> Options:
    scope = signed_in(caller).unit_scope(READ)
    with dependencies.records.read() as session:
        found = list_entries(session, register, scope, Search(), Paging(_MOST + 1))
    return [(each.id, f"{each.name} · {each.id}") for each in found] if len(found) <= _MOST else []
