"""Every check over events holds, fails and does not know, by real events in a real store."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from compliance.checks import of_events
from compliance.event_figures import EventFigures
from compliance.evidence import CheckOutcome
from compliance.judgment import Judgment
from compliance.system import AssessedSystem
from events import Event, Value, event_id, format_timestamp
from policies.compliance.checks import CheckPolicy, RecordsCheck, check_policy
from policies.compliance.words import compliance_words
from registry.entries import SystemEntry
from store import parse_query
from store.embedded import EmbeddedEventStore
from store.event_store import Window

NOW = 1_795_000_000_000
MINUTE, DAY = 60_000, 86_400_000
_RUN: Mapping[str, Any] = {
    "share": of_events.share,
    "seen": of_events.seen,
    "absent": of_events.absent,
    "recent": of_events.recent,
    "families": of_events.families,
    "daily": of_events.daily,
    "bursts": of_events.bursts,
    "clock": of_events.clock,
}
EVENT_CHECKS = [name for name, check in check_policy().checks.items() if not isinstance(check, RecordsCheck)]
# What the bad system's events leave open, and those of the other fail.
IN_THE_OTHER = {"attack_content", "collected_centrally", "log_continuity", "log_retention"}


def _policy() -> CheckPolicy:
    """The shipped one, with fewer days where each of them must have events."""
    checks = dict(check_policy().checks)
    for name in ("log_retention", "log_continuity"):
        checks[name] = checks[name].model_copy(update={"days": 8})
    return check_policy().model_copy(update={"checks": checks})


def _event(number: int, system: str, at: int, received: int = 1000, **fields: Value) -> Event:
    event: Event = {
        "@timestamp": format_timestamp(at),
        "event.id": event_id(system, number, b""),
        "event.ingested": format_timestamp(at + received),
        "event.original": "x",
        "fengsui.system.id": system,
    }
    event.update({name.replace("__", "."): value for name, value in fields.items()})
    return event


_SIGN_IN = {"event__category": ["authentication"], "event__action": "login"}
_CONNECTION = {"event__category": ["network"], "network__transport": "tcp"}


def _good() -> Iterator[dict[str, Any]]:
    yield from ({"at": NOW - day * DAY - MINUTE, "message": "alive"} for day in range(9))
    person = {**_SIGN_IN, "user__name": "zhang.wei", "source__ip": "10.9.0.1"}
    yield from [{**person, "event__outcome": "success", "authentication__factors": "password,otp"}] * 12
    yield from [{**person, "event__outcome": "failure"}] * 3
    yield {"winlog__event_id": "4740", "event__dataset": "windows.security"}
    allowed = {"event__type": ["connection", "allowed"], "event__action": "allow", "event__outcome": "success"}
    ends = {"source__ip": "10.9.0.1", "destination__ip": "10.1.0.5", "destination__port": 443}
    yield from [{**_CONNECTION, **ends, **allowed, "network__protocol": "tls", "tls__version": "1.3"}] * 20
    yield {**_CONNECTION, **ends, "event__type": ["denied"], "event__action": "deny", "event__outcome": "success"}
    for source in ("203.0.113.9", "10.9.0.9"):
        ids = {"event__category": ["intrusion_detection"], "destination__ip": "10.1.0.5", "rule__name": "scan"}
        yield {**ids, "source__ip": source}
    yield {"event__action": "signature-update"}
    yield {"event__action": "database-backup", "event__outcome": "success"}
    yield {"event__category": ["vulnerability"]}
    done = {"event__outcome": "success", "event__action": "query", "user__name": "app"}
    yield {"event__category": ["database"], **done}
    yield {"event__category": ["process"], "event__module": "linux"}
    flow = {
        "fengsui__grant__status": "valid",
        "fengsui__data__masked": True,
        "fengsui__data__categories": ["resident_id"],
    }
    yield from [{"event__category": ["web", "api"], **done, **flow}] * 12


def _bad() -> Iterator[dict[str, Any]]:
    signed_in = {**_SIGN_IN, "event__outcome": "success", "user__name": "root", "source__ip": "198.51.100.8"}
    yield from [{**signed_in, "aws__cloudtrail__additionalEventData__MFAUsed": "No"}] * 12
    yield from [{**_SIGN_IN, "event__outcome": "failure", "user__name": "li.na"}] * 12
    yield from [{**_SIGN_IN, "source__ip": "10.9.0.1"}] * 40
    yield from [{**_CONNECTION, "event__type": ["allowed"], "event__action": "allow"}] * 1100
    for port in (23, 3389):
        risky = {**_CONNECTION, "event__type": ["allowed"], "source__ip": "198.51.100.8", "destination__port": port}
        yield from [{**risky, "destination__ip": "10.1.0.5"}] * 8
    yield from [{"network__protocol": "http", "destination__port": 80}] * 12
    yield {"tls__version": "1.0"}
    flow = {"fengsui__grant__status": "none", "fengsui__data__masked": False}
    yield from [{**flow, "fengsui__data__categories": ["resident_id"]}] * 6
    yield {"event__action": "signature-update", "at": NOW - 70 * DAY}
    yield {"event__action": "backup", "event__outcome": "success", "at": NOW - 40 * DAY}
    yield {"event__category": ["vulnerability"], "at": NOW - 130 * DAY}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, CheckOutcome]]:
    """How each check comes out, by system: good, bad, other (bad in another way), silent."""
    store = EmbeddedEventStore(tmp_path_factory.mktemp("events"))
    worlds = {
        "good": list(_good()),
        "bad": [{"received": -60 * MINUTE, **each} for each in _bad()],
        "other": [
            {"event__category": ["intrusion_detection"], "source__ip": "203.0.113.9", "at": NOW - 7 * DAY - MINUTE}
        ],
    }
    for system, events in worlds.items():
        store.write([_event(n, system, **{"at": NOW - MINUTE, **each}) for n, each in enumerate(events)])
    policy = _policy()
    found = {system: _outcomes(store, system, policy) for system in (*worlds, "silent")}
    store.close()
    return found


def _outcomes(store: EmbeddedEventStore, system_id: str, policy: CheckPolicy) -> dict[str, CheckOutcome]:
    figures = EventFigures(store, _system(system_id), policy, NOW)
    return {name: _RUN[policy.checks[name].kind](name, policy.checks[name], figures) for name in EVENT_CHECKS}


def _system(system_id: str, addresses: tuple[str, ...] = (), resources: tuple[str, ...] = ()) -> AssessedSystem:
    parties = {"operator_id": "u", "owner_id": "u", "supervisor_id": "u"}
    entry = SystemEntry.model_validate({"id": system_id, "name": "n", "addresses": list(addresses), **parties})
    return AssessedSystem(entry, 3, 3, {}, resources)


@pytest.mark.parametrize("name", EVENT_CHECKS)
def test_holds_by_good_events(outcomes: dict[str, dict[str, CheckOutcome]], name: str) -> None:
    outcome = outcomes["good"][name]
    assert outcome.judgment is Judgment.FULFILLED, outcome
    assert any(row.count for row in outcome.evidence)
    assert all(row.period[0] < row.period[1] == NOW for row in outcome.evidence)


@pytest.mark.parametrize("name", EVENT_CHECKS)
def test_fails_by_bad_events(outcomes: dict[str, dict[str, CheckOutcome]], name: str) -> None:
    outcome = outcomes["other" if name in IN_THE_OTHER else "bad"][name]
    assert outcome.judgment is Judgment.FAILED, outcome


@pytest.mark.parametrize("name", EVENT_CHECKS)
def test_does_not_know_without_events(outcomes: dict[str, dict[str, CheckOutcome]], name: str) -> None:
    outcome = outcomes["silent"][name]
    assert outcome.judgment is Judgment.UNKNOWN
    assert all(row.count == 0 and not row.sample for row in outcome.evidence)


def test_every_outcome_is_put_into_words(outcomes: dict[str, dict[str, CheckOutcome]]) -> None:
    for found in outcomes.values():
        for each in found.values():
            told = compliance_words().reason(each.reason, each.figures)
            assert not re.search("[\u4e00-\u9fff]", told.en), told


def test_samples_show_nobody(outcomes: dict[str, dict[str, CheckOutcome]]) -> None:
    shown = str([row.sample for each in outcomes["good"].values() for row in each.evidence])
    assert "zhang.wei" not in shown
    assert "10.9.0.1'" not in shown
    assert "event.id" in shown


def test_events_are_of_a_system_by_name_address_or_resource(tmp_path: Path) -> None:
    store = EmbeddedEventStore(tmp_path)
    places = [
        {"fengsui__system__id": "s1"},
        {"destination__ip": "10.1.0.5"},
        {"source__ip": "2001:db8::7"},
        {"fengsui__data__resource": "table.people"},
        {"destination__ip": "10.2.0.5"},
    ]
    store.write([_event(n, "other", NOW, **each) for n, each in enumerate(places)])
    system = _system("s1", ("10.1.0.0/24", "2001:db8::/64"), ("table.people",))
    query = system.events_query(check_policy().events)
    assert store.search(parse_query(query), Window()).total == 4
    store.close()


def test_few_records_say_nothing() -> None:
    check = check_policy().checks["audit_content"]
    found = SimpleNamespace(row=lambda *_: None, count=lambda _name, slot: {"of": 3, "held": 3}[slot])
    assert of_events.share("audit_content", check, found).reason == "too_few"  # type: ignore[arg-type]  # (all it is asked)
