"""The data flow behind an alert, with the grant and the resource that it is to be seen beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.access import signed_in
from api.caller import Caller
from api.dependencies import ApiDependencies
from api.flow_totals import RESOURCE
from api.registry_work import READ
from detection.alerts import alert_event_ids
from events import Event, Value, values_of
from registry import EntryNotFoundError
from registry.entries import ConsumerEntry, RegisteredGrant, ResourceEntry
from registry.grants import GRANTS
from registry.registers import RESOURCES
from registry.repository.listing import get_entry
from registry.repository.names import consumers_of, unit_names
from store.event_store import Window

_LOOKED_AT = 200
_ALL_FIELDS = "*"


@dataclass(frozen=True, slots=True)
class AlertFlow:
    """A flow as described when it was joined; nothing else of its event is in ``facts``.

    ``grant`` and ``resource`` are None where there is none, or none that the reader may see.
    """

    facts: Mapping[str, Value]
    grant: RegisteredGrant | None
    resource: ResourceEntry | None
    consumers: Mapping[str, ConsumerEntry]
    units: Mapping[str, str]

    def listed(self, name: str) -> list[str]:
        """The values of a fact, ``fengsui.`` left out of its name."""
        return [str(each) for each in values_of(self.facts.get(f"fengsui.{name}")) if each is not None]

    def one(self, name: str) -> str:
        """A fact's first value, empty where there is none."""
        return next(iter(self.listed(name)), "")

    def fields(self) -> list[tuple[str, bool, bool]]:
        """Every field taken or granted, and whether it is each; the fields taken first."""
        taken = self.listed("data.fields")
        granted = list(self.grant.fields) if self.grant else []
        allowed = {each.casefold() for each in granted}
        everything = dict.fromkeys([*taken, *(each for each in granted if each != _ALL_FIELDS)])
        known = {each.casefold() for each in taken}
        return [
            (each, each.casefold() in known, _ALL_FIELDS in allowed or each.casefold() in allowed)
            for each in everything
        ]


def alert_flow(dependencies: ApiDependencies, alert_id: str, caller: Caller) -> AlertFlow | None:
    """The latest flow among an alert's first events; None where there is none, or it is not the caller's to see."""
    principal = signed_in(caller)
    if not principal.may(READ):
        return None
    facts = _facts(dependencies, alert_id)
    if facts is None:
        return None
    scope = principal.unit_scope(READ)
    found = AlertFlow(facts, None, None, {}, {})
    with dependencies.records.read() as session:
        consumers = consumers_of(session, found.listed("consumer.id"))
        units = {*found.listed("data.provider"), *found.listed("consumer.unit")}
        names = unit_names(session, units | {each.unit_id for each in consumers.values()})
        try:
            grant = get_entry(session, GRANTS, scope, found.one("grant.id"))
        except EntryNotFoundError:
            grant = None
        try:
            resource = get_entry(session, RESOURCES, scope, found.one("data.resource"))
        except EntryNotFoundError:
            resource = None
    return AlertFlow(facts, grant, resource, consumers, names)


def _facts(dependencies: ApiDependencies, alert_id: str) -> Event | None:
    with dependencies.records.read() as session:
        found = alert_event_ids(session, alert_id, limit=_LOOKED_AT, after=None)
    if not found:
        return None
    events: Sequence[Event] = dependencies.events.get(
        [event_id for _, event_id in found], Window(found[0][0], found[-1][0] + 1)
    )
    flows = [event for event in events if event.get(RESOURCE)]
    return {name: value for name, value in flows[-1].items() if name.startswith("fengsui.")} if flows else None
