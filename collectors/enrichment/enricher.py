"""Makes data flows of gateway calls and audited statements: joined with the registry, judged, and rid of raw values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import structlog

from classification.grading import Scheme, default_scheme
from classification.masking import Fingerprints, Scanner
from collectors.enrichment.flows.audits import derivation, resource_of, statement_takings
from collectors.enrichment.flows.bodies import BodyReader
from collectors.enrichment.flows.calls import call_taking, read_bodies
from collectors.enrichment.flows.covering import Covering, worst
from collectors.enrichment.flows.holdings import Holdings
from collectors.enrichment.flows.identifying import PersonalScanner
from collectors.enrichment.flows.parties import LastUses, Parties
from collectors.enrichment.flows.policy import FlowPolicy, flow_policy
from collectors.enrichment.flows.privacy import Privacy, give_up
from collectors.enrichment.flows.taking import Taking
from collectors.enrichment.flows.vocabulary import UNDETERMINED, UNKNOWN
from collectors.enrichment.statements import Destination, StatementReader, StatementReading, TableName
from events import Event, timestamp_ms
from registry.index import RegistryIndex

CALLS = frozenset({"api_gateway.access"})
STATEMENTS = frozenset({"mysql.audit", "postgresql.audit", "postgresql.log", "database.audit"})
UNKNOWN_KINDS = frozenset({"generic.text", "generic.json"})
_HOUR_MS = 3_600_000
_log = structlog.get_logger(__name__)


class _Joined:
    """Everything that is looked up in one state of the registry."""

    def __init__(self, index: RegistryIndex, scheme: Scheme, policy: FlowPolicy) -> None:
        self.index = index
        self.parties = Parties(index, policy)
        self.holdings = Holdings(index, scheme, policy)
        self.covering = Covering(index, policy)
        self.is_empty = not index.catalog.resources
        self.readers: dict[tuple[str | None, str | None], StatementReader] = {}

    def reader(self, event: Event) -> StatementReader:
        """The reader for the database of an event; a table's columns depend on which database is meant."""
        key = (_text(event, "database.type"), _text(event, "database.name"))
        found = self.readers.get(key)
        if found is None:
            found = self.readers[key] = StatementReader(partial(self._fields_of, *key))
        return found

    def _fields_of(self, kind: str | None, database: str | None, table: TableName) -> frozenset[str] | None:
        resource = resource_of(table, {"database.type": kind, "database.name": database}, self.index)
        if resource is None or not resource.fields:
            return None
        return frozenset(name.casefold() for name in resource.fields)


class FlowEnricher:
    """Enriches events in place; one thread at a time.

    An event that is no flow stays as it is. Of gateway calls and statements no raw value is left, whether or not data
    moved. Where nothing is registered, flows are described and not judged.
    """

    def __init__(
        self,
        registry: Callable[[], RegistryIndex],
        scanner: Scanner,
        fingerprints: Fingerprints,
        policy: FlowPolicy | None = None,
    ) -> None:
        """Take where the present state of the registry is, what finds identifiers, and the key of fingerprints."""
        self._registry = registry
        self._policy = policy or flow_policy()
        personal = PersonalScanner(scanner)
        self._bodies = BodyReader(scanner, fingerprints, self._policy)
        self._privacy = Privacy(personal, fingerprints, self._policy)
        self._scheme = default_scheme()
        self._zone = ZoneInfo(self._policy.zone)
        self._hours: dict[int, tuple[str, int]] = {}
        self.last_uses = LastUses()
        self._joined = _Joined(registry(), self._scheme, self._policy)

    def enrich(self, events: Iterable[Event]) -> None:
        """Enrich a batch by the registry as it is now."""
        index = self._registry()
        if index is not self._joined.index:
            self._joined = _Joined(index, self._scheme, self._policy)
        failures: Counter[str] = Counter()
        for event in events:
            try:
                self._enrich(event)
            except Exception as error:  # noqa: BLE001 (whatever one event breaks, it is kept without what it holds)
                give_up(event)
                failures[type(error).__name__] += 1
        for name, count in failures.items():
            _log.warning("flows could not be enriched", error=name, events=count)

    def _enrich(self, event: Event) -> None:
        dataset = event.get("event.dataset")
        if dataset in CALLS:
            self._call(event)
        elif dataset in STATEMENTS and "database.statement" in event:
            self._statement(event)
        elif dataset in UNKNOWN_KINDS:
            self._privacy.clean_unknown(event)

    def _call(self, event: Event) -> None:
        answer = read_bodies(event, self._bodies)
        taking = call_taking(event, self._joined.index, answer)
        if event.get("event.outcome") != "failure":
            self._describe(event, [taking])
        template = taking.resource.path if taking.resource is not None else ""
        self._privacy.clean_call(event, template, had_body=answer is not None)

    def _statement(self, event: Event) -> None:
        statement = str(event["database.statement"])
        if event.get("event.outcome") != "failure":
            reading = self._joined.reader(event).read(statement, _text(event, "database.type"))
            self._read(event, reading)
        self._privacy.clean_statement(event, statement)

    def _read(self, event: Event, reading: StatementReading) -> None:
        if reading.verb:
            event["fengsui.statement.verb"] = reading.verb
        if reading.unknown is not None:
            self._describe_unknown(event, reading.unknown)
            return
        takings = statement_takings(reading, event, self._joined.index)
        if not takings:
            return
        self._describe(event, takings)
        event["fengsui.data.export"] = reading.destination is Destination.FILE
        event["fengsui.data.unconditional"] = reading.unconditional
        derived = derivation(reading, event, self._joined.index)
        if derived is not None:
            event["fengsui.data.derived"] = derived

    def _describe_unknown(self, event: Event, reason: str) -> None:
        """Who ran a statement that can't be read, from where to where; what it took is not judged."""
        server, joined = _text(event, "destination.ip"), self._joined
        system = joined.index.system_of(server) if server else None
        event.update(joined.parties.party(_text(event, "user.name"), system.id if system else None).fields)
        event.update(joined.parties.zones(system.zone if system else None, _text(event, "source.ip")))
        self._put_time(event, timestamp_ms(str(event["@timestamp"])))
        event |= {"fengsui.statement.unknown": reason, "fengsui.data.resource": UNKNOWN}
        event |= {"fengsui.grant.status": UNDETERMINED, "fengsui.grant.reason": "statement_unknown"}

    def _describe(self, event: Event, takings: Sequence[Taking]) -> None:
        """Put what is known about a flow into its event."""
        at_ms = timestamp_ms(str(event["@timestamp"]))
        first = takings[0]
        joined = self._joined
        party = joined.parties.party(first.account, first.system_id)
        event.update(party.fields)
        event["fengsui.data.activity"] = first.activity.value
        self._put_time(event, at_ms)
        self._put_source_zone(event, first)
        self._put_holdings(event, takings)
        plausible = event.get("fengsui.time.quality") != "implausible"
        if joined.is_empty:
            return
        if party.account is not None and plausible:
            idle = self.last_uses.idle_days(party.account, at_ms)
            if idle is not None:
                event["fengsui.consumer.idle_days"] = idle
        judged = [joined.covering.fields_of(each, party, event, at_ms if plausible else None) for each in takings]
        event.update(judged[0] if len(judged) == 1 else worst(judged))
        if event.get("fengsui.grant.id") is None:
            event.pop("fengsui.grant.id", None)

    def _put_holdings(self, event: Event, takings: Sequence[Taking]) -> None:
        holdings = self._joined.holdings
        first = takings[0]
        if "http.response.bytes" in event:
            event["fengsui.data.bytes"] = event["http.response.bytes"]
        if first.masked is not None:
            event["fengsui.data.masked"] = first.masked
        if len(takings) == 1:
            event.update(holdings.fields_of(first.resource, first.fields, first.categories))
            if first.fields is not None:
                event["fengsui.data.fields"] = list(first.fields)
            if first.resource is None and first.name:
                event["fengsui.data.resource_name"] = first.name
            return
        found = [holdings.fields_of(each.resource, each.fields, each.categories) for each in takings]
        event.update(found[0])
        for name in ("resource", "resource_name", "provider", "categories", "parents"):
            _put_all(event, f"fengsui.data.{name}", found)
        grade = holdings.highest(_text(each, "fengsui.data.grade") for each in found)
        if grade is not None:
            event |= {"fengsui.data.grade": grade, "fengsui.data.high_grade": holdings.is_high(grade)}
        event["fengsui.data.under_graded"] = any(each.get("fengsui.data.under_graded") for each in found)
        fields = dict.fromkeys(name for each in takings for name in each.fields or ())
        if fields:
            event["fengsui.data.fields"] = list(fields)

    def _put_source_zone(self, event: Event, taking: Taking) -> None:
        index = self._joined.index
        resource = taking.resource
        system = index.organization.systems.get(resource.system_id) if resource and resource.system_id else None
        server = _text(event, "destination.ip") or _text(event, "host.ip")
        zone = system.zone if system is not None else index.zone(server) if server else None
        event.update(self._joined.parties.zones(zone, _text(event, "source.ip")))

    def _put_time(self, event: Event, at_ms: int) -> None:
        """The local day and hour of a flow, remembered by the hour."""
        key = at_ms // _HOUR_MS
        found = self._hours.get(key)
        if found is None:
            if len(self._hours) >= self._policy.remembered:
                self._hours.clear()
            local = datetime.fromtimestamp(key * 3600, self._zone)
            found = self._hours[key] = (f"{local:%Y-%m-%d}", local.hour)
        event["fengsui.flow.day"], event["fengsui.flow.hour"] = found


def _put_all(event: Event, name: str, found: Sequence[Event]) -> None:
    """All values that a field has for the resources of a flow; one stands alone."""
    values: dict[str, None] = {}
    for each in found:
        value = each.get(name)
        values |= dict.fromkeys(map(str, value) if isinstance(value, list) else [str(value)] if value else [])
    if values:
        event[name] = next(iter(values)) if len(values) == 1 else list(values)


def _text(event: Event, name: str) -> str | None:
    value = event.get(name)
    return value if isinstance(value, str) and value else None
