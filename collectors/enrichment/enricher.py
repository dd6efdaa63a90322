"""Makes data flows of gateway calls and audited statements: joined with the registry, judged, and rid of raw values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

import structlog

from classification.grading import default_scheme
from classification.masking import Fingerprints, Scanner
from collectors.enrichment.flows.audits import derivation, statement_takings
from collectors.enrichment.flows.bodies import BodyReader
from collectors.enrichment.flows.calls import account_of, call_taking, read_bodies
from collectors.enrichment.flows.describing import Describer, Description
from collectors.enrichment.flows.identifying import PersonalScanner
from collectors.enrichment.flows.parties import LastUses
from collectors.enrichment.flows.policy import FlowPolicy, flow_policy
from collectors.enrichment.flows.privacy import Privacy, give_up
from collectors.enrichment.statements import Destination, StatementReading
from events import Event
from registry.index import Attribution, RegistryIndex, Resource

CALLS = frozenset({"api_gateway.access"})
STATEMENTS = frozenset({"mysql.audit", "postgresql.audit", "postgresql.log", "database.audit"})
UNKNOWN_KINDS = frozenset({"generic.text", "generic.json"})
_log = structlog.get_logger(__name__)


class FlowEnricher:
    """Enriches events in place; one thread at a time.

    Every event gets the system it happened in and the unit that runs it, where they are registered. Of gateway calls
    and statements no raw value is left, whether or not data moved. Where nothing is registered, flows are described
    and not judged.
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
        self.last_uses = LastUses()
        index = registry()
        self._describer = Describer(index, self._scheme, self._policy)
        self._attribution = Attribution(index)

    def enrich(self, events: Sequence[Event]) -> None:
        """Enrich a batch by the registry as it is now."""
        index = self._registry()
        if index is not self._describer.index:
            self._describer = Describer(index, self._scheme, self._policy)
            self._attribution = Attribution(index)
        failures: Counter[str] = Counter()
        for event in events:
            try:
                self._enrich(event)
            except Exception as error:  # noqa: BLE001 (whatever one event breaks, it is kept without what it holds)
                give_up(event)
                failures[type(error).__name__] += 1
        self._attribution.attribute(events)
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
        resource = self._called(event)
        if event.get("event.outcome") != "failure":
            taking = partial(call_taking, event, resource, answer)
            if answer is None:
                found = self._describer.alike(event, _call_key(event, resource), lambda: [taking()])
            else:
                found = self._describer.describe(event, [taking()])
            self._put(event, found)
            if "http.response.bytes" in event:
                event["fengsui.data.bytes"] = event["http.response.bytes"]
        self._privacy.clean_call(event, resource.path if resource is not None else "", had_body=answer is not None)

    def _called(self, event: Event) -> Resource | None:
        """By its template the called path tells for certain; an id that the gateway names is taken where none fits."""
        path, named = event.get("url.path"), event.get("fengsui.data.resource")
        found = (
            self._describer.called(str(event.get("http.request.method", "")), path) if isinstance(path, str) else None
        )
        return found or (self._describer.index.resource(named) if isinstance(named, str) else None)

    def _statement(self, event: Event) -> None:
        statement = str(event["database.statement"])
        if event.get("event.outcome") != "failure":
            kind, database = _text(event, "database.type"), _text(event, "database.name")
            reading = self._describer.reader(kind, database).read(statement, kind)
            self._read(event, reading)
        self._privacy.clean_statement(event, statement)

    def _read(self, event: Event, reading: StatementReading) -> None:
        if reading.verb:
            event["fengsui.statement.verb"] = reading.verb
        if reading.unknown is not None:
            event.update(self._describer.describe_unknown(event, reading.unknown))
            self._put_time(event)
            return
        index = self._describer.index
        takings = partial(statement_takings, reading, event, index)
        found = self._describer.alike(event, _statement_key(event, reading), takings)
        if not found.fields:
            return
        self._put(event, found)
        event["fengsui.data.export"] = reading.destination is Destination.FILE
        event["fengsui.data.unconditional"] = reading.unconditional
        if reading.destination is Destination.TABLE:
            derived = derivation(reading, event, index)
            if derived is not None:
                event["fengsui.data.derived"] = derived

    def _put(self, event: Event, found: Description) -> None:
        """Put the description into its event, and note that the account was used."""
        event.pop("fengsui.grant.id", None)
        event.update(found.fields)
        hour_ms = self._put_time(event)
        if found.account is not None and "fengsui.time.quality" not in event:
            idle = self.last_uses.idle_days(found.account, hour_ms)
            if idle is not None:
                event["fengsui.consumer.idle_days"] = idle

    def _put_time(self, event: Event) -> int:
        """Put the local day and hour into a flow; the beginning of the hour in milliseconds since 1970."""
        hour_ms, event["fengsui.flow.day"], event["fengsui.flow.hour"] = self._describer.hour_of(event)
        return hour_ms


def _call_key(event: Event, resource: Resource | None) -> tuple[object, ...]:
    get = event.get
    fields = get("fengsui.data.fields")
    return (
        account_of(event),
        resource.id if resource is not None else get("fengsui.data.resource") or get("url.path"),
        get("http.request.method"),
        tuple(fields) if isinstance(fields, list) else fields,
        get("fengsui.purpose"),
        get("fengsui.data.masked"),
        get("source.ip"),
        get("fengsui.grant.id"),
        get("fengsui.data.records"),
        get("fengsui.data.subjects"),
    )


def _statement_key(event: Event, reading: StatementReading) -> tuple[object, ...]:
    get = event.get
    return (
        id(reading),  # readings live as long as the describer's readers
        get("user.name"),
        get("database.name"),
        get("source.ip"),
        get("destination.ip"),
        get("fengsui.data.records"),
    )


def _text(event: Event, name: str) -> str | None:
    value = event.get(name)
    return value if isinstance(value, str) and value else None
