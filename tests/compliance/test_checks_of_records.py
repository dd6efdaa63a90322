"""Every check over records and the platform holds, fails and does not know, by real records."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

from audit import Actor, AuditEntry, CheckpointDue, CheckpointSigner, Trust, record, seal, verify_trail
from collectors.delivery.repository import note_delivery
from compliance.checks import CheckContext, Surroundings
from compliance.checks.running import _OF_RECORDS
from compliance.event_figures import EventFigures
from compliance.evidence import CheckOutcome
from compliance.judgment import Judgment
from compliance.platform_facts import AccountFact, PlatformFacts, RuleFacts, SignInFacts
from compliance.system import AssessedSystem
from detection.alerts import Alert, AlertTransition
from events import event_id, format_timestamp, now_ms
from incidents import Incident, Notice
from policies.compliance.checks import RecordsCheck, check_policy
from registry.entries import SystemEntry
from registry.models import (
    AccountRecord,
    ConsumerRecord,
    GrantRecord,
    ResourceField,
    ResourceRecord,
    SystemRecord,
    UnitRecord,
)
from store.embedded import EmbeddedEventStore
from store.records import RecordsDatabase
from tests.audit.tampering import open_to_change
from tests.servers.records import ENGINES

NOW = now_ms()
HOUR, DAY = 3_600_000, 86_400_000
RECORD_CHECKS = {name: check for name, check in check_policy().checks.items() if isinstance(check, RecordsCheck)}
# What is bad of these are registers and policies of their own, below.
FAIL_BELOW = {"retention_policy", "asset_register", "filing"}
ALWAYS_KNOWN = {"retention"}  # the platform does not start without a policy of it
KEY = CheckpointSigner(b"k" * 32)
GOOD = PlatformFacts(
    tuple(AccountFact(kind, frozenset({kind}), True, True) for kind in ("system", "security", "audit")),  # type: ignore[arg-type] # noqa: FBT003 (a fact)
    SignInFacts(5, 15, 30, 12),
    RuleFacts(3000, NOW - DAY),
)
BAD = PlatformFacts(
    (AccountFact("one", frozenset({"system", "audit"}), True, False),),  # noqa: FBT003 (a fact)
    SignInFacts(100, 1, 600, 4),
    RuleFacts(3000, NOW - 400 * DAY),
)


@pytest.fixture(scope="module", params=ENGINES)
def worlds(request: pytest.FixtureRequest) -> Iterator[dict[str, RecordsDatabase]]:
    engine = request.getfixturevalue(f"{request.param}_records")
    with ExitStack() as stack:
        opened = {name: stack.enter_context(engine.database()) for name in ("good", "bad", "silent")}
        for name, records in opened.items():
            _register(records, name)
            if name != "silent":
                _fill(records, is_good=name == "good")
        yield opened


def _register(records: RecordsDatabase, name: str) -> None:
    with records.begin() as session:
        session.add(UnitRecord(id="u", name="u", level="county", path="/u/", contacts=[], changed_ms=NOW))
        session.flush()
        parties = {"operator_id": "u", "owner_id": "u", "supervisor_id": "u"}
        entry = _entry(name).model_dump(exclude={"addresses", "log_names"})
        session.add(SystemRecord(**entry | parties, changed_ms=NOW))


def _entry(name: str) -> SystemEntry:
    told = {"filing_number": "1", "description": "d", "addresses": ["10.1.0.0/24"]} if name == "good" else {}
    told |= {"filing_number": "1"} if name == "bad" else {}
    parties = {"operator_id": "u", "owner_id": "u", "supervisor_id": "u"}
    return SystemEntry.model_validate({"id": "s", "name": "s", "level_s": 3, "level_a": 3, **parties, **told})


def _fill(records: RecordsDatabase, *, is_good: bool) -> None:
    with records.begin() as session:
        end = NOW + DAY if is_good else NOW - DAY
        consumer = {"id": "c", "name": "c", "kind": "contractor", "unit_id": "u", "company": "x"}
        session.add(ConsumerRecord(**consumer, contract_end_ms=end, changed_ms=NOW))
        session.flush()
        used = NOW - (DAY if is_good else 200 * DAY)
        account = {"consumer_id": "c", "state": "active", "last_used_ms": used, "changed_ms": NOW}
        session.add(AccountRecord(id="ops", system_id="s" if is_good else None, **account))
        if is_good:
            session.add(AccountRecord(id="app", system_id="s", **account))
        _data(session, is_good=is_good)
        _response(session, is_good=is_good)
    _trail(records, is_good=is_good)
    with records.begin() as session:
        moment = NOW if is_good else NOW - 9 * DAY
        note_delivery(session, "hosts", 5, 0, (moment, moment))


def _data(session: Any, *, is_good: bool) -> None:  # noqa: ANN401 (a session)
    resource = {"name": "r", "kind": "table", "provider_id": "u", "database": "d", "schema": "", "table": "t"}
    rest = {"method": "", "path": "", "categories": [], "sharing": "none", "opening": "none", "dedicated": []}
    owner = {"owner": "", "description": "", "changed_ms": NOW, "system_id": "s"}
    session.add(ResourceRecord(id="r", **resource, **rest, **owner))
    session.flush()
    grade = "3" if is_good else None
    session.add(ResourceField(resource_id="r", name="f", position=0, label="", grade=grade, categories=[]))
    valid = {"valid_from_ms": NOW - 9 * DAY, "valid_to_ms": NOW + DAY if is_good else NOW - DAY, "masked": False}
    parties = {"consumer_id": "c", "provider_id": "u", "resource_id": "r", "fields": [], "zones": [], "purpose": "p"}
    people = {"requested_by": "a", "approved_by": "b" if is_good else "a", "approved_ms": NOW}
    state = {"state": "approved", "state_since_ms": NOW, "changed_ms": NOW}
    session.add(GrantRecord(id="g", **parties, **valid, **people, **state))


def _response(session: Any, *, is_good: bool) -> None:  # noqa: ANN401 (a session)
    names = {"rule_id": "r", "rule_title": "r", "level": "high", "severity": 3, "dataset": "d", "first_event_id": "e"}
    lists: dict[str, Any] = {"tags": [], "technique_ids": [], "matched_fields": [], "entity": {"x": "r"}}
    times = dict.fromkeys(("first_seen", "last_seen", "created", "updated"), NOW - 2 * DAY)
    session.add(Alert(id="a", count=1, **names, **lists, **times))
    session.flush()
    if is_good:
        step = {"alert_id": "a", "from_state": "new", "to_state": "acknowledged", "actor": "analyst"}
        session.add(AlertTransition(at=NOW - 2 * DAY + HOUR, **step))
    told: dict[str, Any] = {"title": "t", "summary": "", "operator": "other", "class_code": "c", "facts": {}}
    rest: dict[str, Any] = {"proposed_level": 4, "reasons": [], "accountable": {}, "source": "person", "opened_by": "p"}
    opened = NOW - (DAY if is_good else 60 * DAY)
    moments = dict.fromkeys(("opened_ms", "discovered_ms", "changed_ms"), opened)
    owner = "p" if is_good else None
    session.add(Incident(id="i", number=1, system_id="s", state="response", owner_id=owner, **told, **rest, **moments))
    notice: dict[str, Any] = {"unit_id": "u", "source": "person", "reference": "", "title": "t", "demand": "d"}
    issued = {"issued_by_id": "p", "issued_by": "p", "issued_ms": NOW - 9 * DAY, "changed_ms": NOW}
    answered = NOW - 3 * DAY if is_good else None
    due = {"deadline_ms": NOW - 2 * DAY, "answered_ms": answered, "state": "answered" if is_good else "issued"}
    session.add(Notice(id="n", number=1, **notice, **issued, **due))


def _trail(records: RecordsDatabase, *, is_good: bool) -> None:
    actor = Actor("user", "auditor", "auditor")
    with records.begin() as session:
        for action in ("alert:close", "audit:verify", "backup:create") if is_good else ("alert:close", "alert:open"):
            record(session, AuditEntry(actor, action, action.partition(":")[0]))
        seal(session, KEY, CheckpointDue(3, 0))
    if not is_good:
        with records.begin() as session:
            open_to_change(session, "audit_records")
            session.execute(text("UPDATE audit_records SET actor_name = 'nobody' WHERE sequence = 1"))


def _outcome(records: RecordsDatabase, name: str, world: str) -> CheckOutcome:
    facts = {"good": GOOD, "bad": BAD, "silent": PlatformFacts()}[world]
    trust = Trust((KEY.public_key,))
    signed_in = {"good": ["ops", "app"], "bad": ["x", "y"], "silent": []}[world]
    found: Any = SimpleNamespace(
        now=now_ms(),
        row=lambda *_: CheckContext.row(context, "events", len(signed_in)),
        detail=lambda *_: {"buckets": [{"key": each} for each in signed_in]},
    )
    with records.read() as session:
        around = Surroundings(facts, verify_trail(session, trust), trust)
        system = AssessedSystem(_entry(world), 3, 3, {"operator": ("u", "u")}, ("r",))
        context = CheckContext(name, RECORD_CHECKS[name], session, system, found, around)
        return _OF_RECORDS[RECORD_CHECKS[name].source](context)


@pytest.mark.parametrize("name", sorted(RECORD_CHECKS))
def test_holds(worlds: dict[str, RecordsDatabase], name: str) -> None:
    outcome = _outcome(worlds["good"], name, "good")
    assert outcome.judgment is Judgment.FULFILLED, outcome
    assert outcome.evidence


@pytest.mark.parametrize("name", sorted(RECORD_CHECKS.keys() - FAIL_BELOW))
def test_fails(worlds: dict[str, RecordsDatabase], name: str) -> None:
    outcome = _outcome(worlds["bad"], name, "bad")
    assert outcome.judgment is Judgment.FAILED, outcome


@pytest.mark.parametrize("name", sorted(RECORD_CHECKS))
def test_does_not_know_but_for_what_is_always_known(worlds: dict[str, RecordsDatabase], name: str) -> None:
    is_unknown = _outcome(worlds["silent"], name, "silent").judgment is Judgment.UNKNOWN
    assert is_unknown is (RECORD_CHECKS[name].source not in ALWAYS_KNOWN)


def test_a_system_that_is_registered_without_a_filing_number_is_not_filed(worlds: dict[str, RecordsDatabase]) -> None:
    for told in ({"description": "d"}, {"addresses": ("10.1.0.0/24",)}):
        entry = _entry("silent").model_copy(update=told)
        outcome = _outcome_with(worlds["silent"], "filing", RECORD_CHECKS["filing"], entry)
        assert (outcome.judgment, outcome.reason) == (Judgment.FAILED, "not_filed")


def test_an_almost_empty_register_fails(worlds: dict[str, RecordsDatabase]) -> None:
    entry = _entry("silent").model_copy(update={"filing_number": "1"})
    outcome = _outcome_with(worlds["silent"], "asset_register", RECORD_CHECKS["asset_register"], entry)
    assert (outcome.judgment, outcome.figures["held"], outcome.figures["of"]) == (Judgment.FAILED, 1, 5)


def test_a_shorter_retention_than_demanded_fails(worlds: dict[str, RecordsDatabase]) -> None:
    demanding = replace_limit(RECORD_CHECKS["retention_policy"], floor_days=100_000)
    assert _outcome_with(worlds["good"], "retention_policy", demanding).judgment is Judgment.FAILED


@pytest.mark.parametrize(
    ("names", "judgment"),
    [(["OPS", "app"], Judgment.FULFILLED), (["x", "y", "z", "w"], Judgment.FAILED), ([], Judgment.UNKNOWN)],
)
def test_accounts_of_real_sign_ins_are_looked_up(
    worlds: dict[str, RecordsDatabase], tmp_path: Path, names: list[str], judgment: Judgment
) -> None:
    signed_in = {"event.category": ["authentication"], "event.outcome": "success", "fengsui.system.id": "s"}
    moment, now = {"@timestamp": format_timestamp(NOW - HOUR), "event.original": "x"}, now_ms()
    with closing(EmbeddedEventStore(tmp_path)) as store, worlds["good"].read() as session:
        events = [{**moment, **signed_in, "event.id": event_id(n, 0, b""), "user.name": n} for n in names]
        store.write(events)
        system = AssessedSystem(_entry("good"), 3, 3, {"operator": ("u", "u")}, ("r",))
        figures = EventFigures(store, system, check_policy(), now)
        around = Surroundings(PlatformFacts(), verify_trail(session, Trust()), Trust())
        check = RECORD_CHECKS["accounts_registered"]
        context = CheckContext("accounts_registered", check, session, system, figures, around)
        outcome = _OF_RECORDS[check.source](context)
    assert outcome.judgment is judgment
    assert outcome.evidence[0].count == len(names)


def test_a_half_filled_register_holds_in_part(worlds: dict[str, RecordsDatabase]) -> None:
    assert _outcome(worlds["bad"], "asset_register", "bad").judgment is Judgment.PARTLY


def test_an_alert_that_may_still_wait_does_not_count(worlds: dict[str, RecordsDatabase]) -> None:
    check = RECORD_CHECKS["alert_handling"]
    patient = replace_limit(check, hours=24 * 9)
    outcome = _outcome_with(worlds["bad"], "alert_handling", patient)
    assert outcome.reason == "no_alerts"


def replace_limit(check: RecordsCheck, **limits: float) -> RecordsCheck:
    return check.model_copy(update={"limits": {**check.limits, **limits}})


def _outcome_with(
    records: RecordsDatabase, name: str, check: RecordsCheck, entry: SystemEntry | None = None
) -> CheckOutcome:
    found: Any = SimpleNamespace(now=NOW)
    with records.read() as session:
        around = Surroundings(PlatformFacts(), verify_trail(session, Trust()), Trust())
        system = AssessedSystem(entry or _entry("bad"), 3, 3, {"operator": ("u", "u")})
        return _OF_RECORDS[check.source](CheckContext(name, check, session, system, found, around))
