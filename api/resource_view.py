"""One resource of the data catalog with all that is known around it, within the reader's units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from api.access import signed_in
from api.caller import Caller
from api.dependencies import ApiDependencies
from api.flow_totals import RESOURCE, FlowTotal, flow_totals, visible_flows
from api.registry_work import READ
from classification.grading import GradeDecision, default_scheme
from classification.review import ClassifiedResource, decide_grade, last_looks
from events import now_ms
from registry import UnitScope
from registry.entries import ConsumerEntry, RegisteredGrant, ResourceEntry
from registry.grants import GRANTS
from registry.registers import RESOURCES
from registry.repository.listing import Paging, Search, get_entry, list_entries
from registry.repository.names import consumers_of, derived_from, resource_names, system_names, unit_names
from store.event_store import Window
from store.query.tree import And, Term

RECENT_DAYS = 30
_DAY_MS = 86_400_000
_GRANTS = 100


@dataclass(frozen=True, slots=True)
class ResourceView:
    """A resource, what it is derived from and what from it, its grade's reasons, its grants and its recent flows.

    ``units``, ``systems``, ``resources`` and ``consumers`` name what the rest refers to by id.
    """

    entry: ResourceEntry
    children: Sequence[str]
    decided: GradeDecision
    look: ClassifiedResource | None
    grants: Sequence[RegisteredGrant]
    flows: Sequence[FlowTotal]
    units: Mapping[str, str]
    systems: Mapping[str, str]
    resources: Mapping[str, str]
    consumers: Mapping[str, ConsumerEntry]


def view_resource(dependencies: ApiDependencies, resource_id: str, caller: Caller) -> ResourceView:
    """Everything around a resource.

    Raises:
        EntryNotFoundError: there is none that the caller may see.
    """
    scope = signed_in(caller).unit_scope(READ)
    with dependencies.records.read() as session:
        entry = get_entry(session, RESOURCES, scope, resource_id)
    flows = _recent_flows(dependencies, scope, resource_id)
    with dependencies.records.read() as session:
        return _view(session, scope, entry, flows)


def _recent_flows(dependencies: ApiDependencies, scope: UnitScope, resource_id: str) -> list[FlowTotal]:
    now = now_ms()
    wanted = And((visible_flows(dependencies, scope), Term(RESOURCE, resource_id)))
    found = flow_totals(dependencies, wanted, Window(now - RECENT_DAYS * _DAY_MS, now))
    return [each for each in found if each.resource == resource_id]


def _view(session: Session, scope: UnitScope, entry: ResourceEntry, flows: Sequence[FlowTotal]) -> ResourceView:
    children = derived_from(session, entry.id)
    search = Search(equal=(("resource_id", entry.id),))
    grants = list_entries(session, GRANTS, scope, search, Paging(_GRANTS))
    consumers = consumers_of(session, {each.consumer_id for each in grants})
    units = {entry.provider_id, *entry.dedicated, *(each.consumer_unit for each in flows)}
    return ResourceView(
        entry,
        children,
        decide_grade(session, default_scheme(), entry.id),
        last_looks(session, [entry.id]).get(entry.id),
        grants,
        flows,
        unit_names(session, units | {each.unit_id for each in consumers.values()}),
        system_names(session, [entry.system_id] if entry.system_id else []),
        resource_names(session, [*entry.parents, *children]),
        consumers,
    )
