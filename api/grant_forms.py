"""Grants as forms ask for them: what the resource offers, and what is asked for, checked value by value."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.access import signed_in
from api.caller import Caller
from api.dependencies import ApiDependencies
from api.register_forms import RefusedEntryError, contradiction, entry_of
from api.registry_work import READ, REQUEST, editor, read_entry
from events import now_ms
from registry import ContradictionError, EntryExistsError, EntryNotFoundError
from registry.entries import GrantEntry, RegisteredGrant
from registry.grants import GRANTS, change_terms, request_grant
from registry.importing import ImportKind
from registry.importing.columns import columns_of, row_values
from registry.policy import import_policy
from registry.registers import RESOURCES
from registry.repository.listing import get_entry
from registry.repository.names import resource_names, resource_providers, unit_names

_DAYS = 365


@dataclass(frozen=True, slots=True)
class Asked:
    """The resource that is asked for: its name, who provides it, and its fields with their labels.

    Of a resource beyond the caller's units only name and provider are told; ``fields`` is None then.
    """

    id: str
    name: str
    provider_id: str
    provider: str
    fields: Sequence[tuple[str, str]] | None


def asked_resource(dependencies: ApiDependencies, resource_id: str, caller: Caller) -> Asked | None:
    """The resource of an id; None where there is none."""
    scope = signed_in(caller).unit_scope(READ)
    with dependencies.records.read() as session:
        provider = resource_providers(session, [resource_id]).get(resource_id)
        if provider is None:
            return None
        name = resource_names(session, [resource_id])[resource_id]
        unit = unit_names(session, [provider]).get(provider, provider)
        try:
            fields = get_entry(session, RESOURCES, scope, resource_id).fields or []
        except EntryNotFoundError:
            return Asked(resource_id, name, provider, unit, None)
    return Asked(resource_id, name, provider, unit, [(each.name, each.label) for each in fields])


def new_cells(resource: Asked) -> dict[str, str]:
    """A form for a resource: an id that nobody has, and a year from today."""
    today = datetime.now(import_policy().zone).date()
    return {
        "id": f"G-{today:%Y%m%d}-{secrets.token_hex(3)}",
        "resource_id": resource.id,
        "valid_from": str(today),
        "valid_to": str(today + timedelta(days=_DAYS - 1)),
        "masked": "true",
    }


def following_cells(resource: Asked, grant: RegisteredGrant) -> dict[str, str]:
    """A form for the same terms when a grant's time is over: as long again, from the day after it or from today."""
    fresh = new_cells(resource)
    if grant.valid_to < now_ms():
        kept = row_values(ImportKind.GRANTS, grant.document())
        return kept | {name: fresh[name] for name in ("id", "valid_from", "valid_to")}
    times = {"valid_from": grant.valid_to, "valid_to": 2 * grant.valid_to - grant.valid_from}
    return row_values(ImportKind.GRANTS, grant.document() | times) | {"id": fresh["id"]}


def terms_of(dependencies: ApiDependencies, grant_id: str, caller: Caller) -> tuple[RegisteredGrant, dict[str, str]]:
    """A grant with its terms as cells.

    Raises:
        EntryNotFoundError: there is none that the caller may see.
    """
    grant = read_entry(dependencies, GRANTS, grant_id, caller)
    return grant, row_values(ImportKind.GRANTS, grant.document())


def save_terms(
    dependencies: ApiDependencies, cells: Mapping[str, object], caller: Caller, *, is_new: bool
) -> RegisteredGrant:
    """Ask for a grant, or change what is asked for.

    Raises:
        RefusedEntryError: a value is wrong, or contradicts the catalog.
        EntryNotFoundError: there is no such grant of the caller's.
        GrantTransitionError: it is past being requested.
    """
    values = {name: cells[name] for name in GrantEntry.model_fields if cells.get(name)}
    entry = entry_of(GrantEntry, values, columns_of(ImportKind.GRANTS))
    save = request_grant if is_new else change_terms
    try:
        with dependencies.records.begin() as session:
            return save(session, entry, editor(caller, REQUEST))
    except (ContradictionError, EntryExistsError) as error:
        raise RefusedEntryError([contradiction(error)]) from error
