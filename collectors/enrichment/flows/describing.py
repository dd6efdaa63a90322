"""Describes flows in one state of the registry: who took what, from where to where, and whether a grant covers it.

What is alike (same account, resource, fields, purpose, addresses, amounts) is worked out once for as long as no grant
begins, ends or changes its state; the hours in which one does are worked out flow by flow.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple
from zoneinfo import ZoneInfo

from classification.grading import Scheme
from collectors.enrichment.flows.audits import resource_of
from collectors.enrichment.flows.covering import Covering, worst
from collectors.enrichment.flows.holdings import Holdings
from collectors.enrichment.flows.parties import Parties, Party
from collectors.enrichment.flows.policy import FlowPolicy
from collectors.enrichment.flows.taking import Taking
from collectors.enrichment.flows.vocabulary import UNDETERMINED, UNKNOWN
from collectors.enrichment.statements import StatementReader, TableName
from events import Event, timestamp_ms
from registry.index import Account, RegistryIndex, Resource

HOUR_MS = 3_600_000
_HOUR = len("2026-01-31T08")
_STATED = ("fengsui.purpose", "fengsui.data.records", "fengsui.data.subjects")


class Hour(NamedTuple):
    """The hour in which a flow lies: its beginning in milliseconds since 1970, its local day and its local hour."""

    begin_ms: int
    day: str
    hour: int


class Description(NamedTuple):
    """What is known about a flow; the fields are shared by all that are alike and not to be changed.

    Attributes:
        fields: what becomes part of the event.
        account: who took it, where registered.
        begin: the first hour since 1970 for which it holds.
        end: the first for which it does not.
    """

    fields: Event
    account: Account | None
    begin: int = 0
    end: int = 0


_NO_FLOW = Description({}, None)


class Describer:
    """Everything that is looked up in one state of the registry."""

    def __init__(self, index: RegistryIndex, scheme: Scheme, policy: FlowPolicy) -> None:
        """Start with nothing remembered."""
        self.index = index
        self._parties = Parties(index, policy)
        self._holdings = Holdings(index, scheme, policy)
        self._covering = Covering(index, policy)
        self._judges = bool(index.catalog.resources)
        self._zone = ZoneInfo(policy.zone)
        self._most = policy.remembered
        self._alike: OrderedDict[Hashable, Description] = OrderedDict()
        self._hours: dict[str, Hour] = {}
        self._calls: dict[tuple[str, str], Resource | None] = {}
        self._readers: dict[tuple[str | None, str | None], StatementReader] = {}

    def reader(self, kind: str | None, database: str | None) -> StatementReader:
        """The reader for a database; a table's columns depend on which database is meant."""
        found = self._readers.get((kind, database))
        if found is None:
            found = self._readers[kind, database] = StatementReader(partial(self._columns_of, kind, database))
        return found

    def called(self, method: str, path: str) -> Resource | None:
        """The resource behind a call; paths without parameters are remembered."""
        key = (method, path)
        if key in self._calls:
            return self._calls[key]
        found = self.index.api(method, path)
        if found is not None and "{" not in found.path:
            if len(self._calls) >= self._most:
                self._calls.clear()
            self._calls[key] = found
        return found

    def alike(self, event: Event, key: tuple[Hashable, ...], takings: Callable[[], Sequence[Taking]]) -> Description:
        """The description of a flow: the one that flows of its key had, or a new one.

        Args:
            event: the flow.
            key: everything beside time that the description depends on.
            takings: what the flow took, asked for only when the description is new; nothing makes it no flow.
        """
        hour = self.hour_of(event).begin_ms // HOUR_MS
        found = self._alike.get(key)
        if found is not None and found.begin <= hour < found.end and "fengsui.time.quality" not in event:
            return found
        taken = takings()
        found = self.describe(event, taken) if taken else _NO_FLOW
        spans = [self._covering.steady_hours(found.account, each.resource, hour) for each in taken]
        begin, end = max((span[0] for span in spans), default=0), min((span[1] for span in spans), default=sys.maxsize)
        if begin <= hour < end and "fengsui.time.quality" not in event:
            found = self._alike[key] = found._replace(begin=begin, end=end)
            if len(self._alike) > self._most:
                self._alike.popitem(last=False)
        return found

    def describe(self, event: Event, takings: Sequence[Taking]) -> Description:
        """What is known about a flow, worked out for it alone."""
        first = takings[0]
        party = self._parties.party(first.account, first.system_id)
        fields: Event = {name: event[name] for name in _STATED if name in event}
        claimed = event.get("fengsui.grant.id")
        if claimed is not None:
            fields["fengsui.grant.claimed"] = claimed
        fields |= party.fields | self._zones(event, first) | self._taken(takings)
        fields["fengsui.data.activity"] = first.activity.value
        if self._judges:
            fields |= self._judged(event, takings, party, fields)
        return Description(fields, party.account)

    def describe_unknown(self, event: Event, reason: str) -> Event:
        """Who ran a statement that can't be read, from where to where; what it took is not judged."""
        server = _text(event, "destination.ip")
        system = self.index.system_of(server) if server else None
        fields: Event = dict(self._parties.party(_text(event, "user.name"), system.id if system else None).fields)
        fields |= self._parties.zones(system.zone if system else None, _text(event, "source.ip"))
        fields |= {"fengsui.statement.unknown": reason, "fengsui.data.resource": UNKNOWN}
        return fields | {"fengsui.grant.status": UNDETERMINED, "fengsui.grant.reason": "statement_unknown"}

    def hour_of(self, event: Event) -> Hour:
        """The hour in which an event lies."""
        timestamp = str(event["@timestamp"])
        found = self._hours.get(timestamp[:_HOUR])
        return self._hour(timestamp) if found is None else found

    def _judged(self, event: Event, takings: Sequence[Taking], party: Party, fields: Event) -> Event:
        plausible = event.get("fengsui.time.quality") != "implausible"
        at_ms = timestamp_ms(str(event["@timestamp"])) if plausible else None
        judged = [self._covering.fields_of(each, party, fields, at_ms) for each in takings]
        return judged[0] if len(judged) == 1 else worst(judged)

    def _taken(self, takings: Sequence[Taking]) -> Event:
        first, holdings = takings[0], self._holdings
        found = [holdings.fields_of(each.resource, each.fields, each.categories) for each in takings]
        fields: Event = dict(found[0])
        if first.masked is not None:
            fields["fengsui.data.masked"] = first.masked
        if first.resource is None and first.name:
            fields["fengsui.data.resource_name"] = first.name
        names = dict.fromkeys(name for each in takings for name in each.fields or ())
        if names:
            fields["fengsui.data.fields"] = [*names]
        return fields if len(takings) == 1 else fields | self._together(found)

    def _together(self, found: Sequence[Event]) -> Event:
        """What the resources of one flow are together: all their names, the highest of their grades."""
        fields: Event = {}
        for name in ("resource", "resource_name", "provider", "categories", "parents"):
            _put_all(fields, f"fengsui.data.{name}", found)
        for name in ("fengsui.unit.id", "fengsui.system.id"):
            _put_all(fields, name, found)
        grade = self._holdings.highest(_text(each, "fengsui.data.grade") for each in found)
        if grade is not None:
            fields |= {"fengsui.data.grade": grade, "fengsui.data.high_grade": self._holdings.is_high(grade)}
        fields["fengsui.data.under_graded"] = any(each.get("fengsui.data.under_graded") for each in found)
        return fields

    def _zones(self, event: Event, taking: Taking) -> Event:
        resource = taking.resource
        system = self.index.organization.systems.get(resource.system_id) if resource and resource.system_id else None
        server = _text(event, "destination.ip") or _text(event, "host.ip")
        zone = system.zone if system is not None else self.index.zone(server) if server else None
        return self._parties.zones(zone, _text(event, "source.ip"))

    def _hour(self, timestamp: str) -> Hour:
        if len(self._hours) >= self._most:
            self._hours.clear()
        begin = timestamp_ms(timestamp) // HOUR_MS * HOUR_MS
        local = datetime.fromtimestamp(begin / 1000, self._zone)
        found = self._hours[timestamp[:_HOUR]] = Hour(begin, f"{local:%Y-%m-%d}", local.hour)
        return found

    def _columns_of(self, kind: str | None, database: str | None, table: TableName) -> frozenset[str] | None:
        resource = resource_of(table, {"database.type": kind, "database.name": database}, self.index)
        if resource is None or not resource.fields:
            return None
        return frozenset(name.casefold() for name in resource.fields)


def _put_all(fields: Event, name: str, found: Sequence[Event]) -> None:
    """All values that a field has for the resources of a flow; one stands alone."""
    values: dict[str, None] = {}
    for each in found:
        value = each.get(name)
        values |= dict.fromkeys(map(str, value) if isinstance(value, list) else [str(value)] if value else [])
    if values:
        fields[name] = next(iter(values)) if len(values) == 1 else [*values]


def _text(event: Event, name: str) -> str | None:
    value = event.get(name)
    return value if isinstance(value, str) and value else None
