"""The life of a grant, against a model of it; and what the index makes of every step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from audit import Actor, AuditFilter, list_records
from audit.authorship import ChangedBy
from registry import FlowQuestion, GrantStatus, GrantTransitionError, LiveRegistry, UnitScope
from registry.entries import AccountEntry, ConsumerEntry, GrantEntry, ResourceEntry, UnitEntry
from registry.errors import ContradictionError, EntryNotFoundError
from registry.grants import (
    GRANTS,
    GrantStep,
    any_due,
    change_terms,
    expire_due,
    grant_transitions,
    move_grant,
    request_grant,
)
from registry.models import GrantRecord, GrantTransition, RegistryChange
from registry.registers import ACCOUNTS, CONSUMERS, RESOURCES, UNITS, Editor, put
from store.records import RecordsDatabase
from tests.servers.records import RecordsEngine, SqliteRecords

_DAY = 86_400_000
_START = 1_790_000_000_000
_END = _START + 300 * _DAY


def _editor(name: str, at_ms: int = _START, units: list[str] | None = None) -> Editor:
    scope = UnitScope.everything() if units is None else UnitScope.below(units)
    return Editor(ChangedBy(Actor("user", name, name), at_ms), scope)


def _terms(grant_id: str = "G1", **changes: object) -> GrantEntry:
    values: dict[str, object] = {
        "id": grant_id,
        "consumer_id": "app",
        "provider_id": "police",
        "resource_id": "person",
        "fields": ["name"],
        "purpose": "核验",
        "valid_from": _START,
        "valid_to": _END,
    }
    return GrantEntry.model_validate(values | changes)


def _prepare(records: RecordsDatabase) -> None:
    by = _editor("setup")
    resource = {"id": "person", "name": "人口", "kind": "table", "provider_id": "police", "table": "person"}
    with records.begin() as session:
        for unit, parent in (("city", None), ("police", "city"), ("housing", "city")):
            put(session, UNITS, UnitEntry(id=unit, name=unit, level="市级", parent_id=parent), by)
        put(session, RESOURCES, ResourceEntry.model_validate({**resource, "fields": [{"name": "name"}]}), by)
        put(session, CONSUMERS, ConsumerEntry(id="app", name="app", kind="application", unit_id="housing"), by)
        put(session, ACCOUNTS, AccountEntry(id="svc", consumer_id="app"), by)


@pytest.fixture
def prepared(records_engine: RecordsEngine) -> Iterator[RecordsDatabase]:
    with records_engine.database(_prepare) as opened:
        yield opened


class GrantLife(RuleBasedStateMachine):
    """One grant, pushed about by three people; ``model`` is the state that it should be in."""

    engine: ClassVar[SqliteRecords]

    def __init__(self) -> None:
        super().__init__()
        self._opened = ExitStack()
        self.records = self._opened.enter_context(self.engine.database(_prepare))
        self.now, self.model, self.steps = _START, "requested", 1
        with self.records.begin() as session:
            request_grant(session, _terms(), _editor("zhang"))
        self.live = LiveRegistry(self.records)

    @rule(step=st.sampled_from(GrantStep), who=st.sampled_from(["zhang", "li", "wang"]))
    def take_a_step(self, step: GrantStep, who: str) -> None:
        self.now += 1000
        targets = {
            ("requested", "approve"): "approved",
            ("approved", "suspend"): "suspended",
            ("suspended", "resume"): "approved",
        }
        target = targets.get((self.model, step.value))
        if step is GrantStep.REVOKE and self.model in {"requested", "approved", "suspended"}:
            target = "revoked"
        over = self.now >= _END and step in {GrantStep.APPROVE, GrantStep.RESUME}
        if target is None or who == "zhang" or over:
            with pytest.raises(GrantTransitionError), self.records.begin() as session:
                move_grant(session, "G1", step, _editor(who, self.now), "检查")
            return
        with self.records.begin() as session:
            moved = move_grant(session, "G1", step, _editor(who, self.now), "检查")
        assert moved.state == target
        self.model, self.steps = target, self.steps + 1

    @rule()
    def let_its_time_pass(self) -> None:
        self.now = max(self.now, _END) + 1000
        lasting = self.model in {"requested", "approved", "suspended"}
        with self.records.begin() as session:
            assert any_due(session, self.now) == lasting
            assert expire_due(session, self.now) == int(lasting)
        if lasting:
            self.model, self.steps = "expired", self.steps + 1

    @invariant()
    def the_index_and_the_history_say_the_same(self) -> None:
        self.live.refresh()
        index = self.live.current
        at = min(self.now, _END - 1)
        question = FlowQuestion(index.account("svc"), index.resource("person"), self.now, ["name"], "核验")
        approved = self.model == "approved" and self.now < _END
        assert (index.judge(question).status is GrantStatus.VALID) == approved
        with self.records.read() as session:
            steps = grant_transitions(session, "G1")
            assert [step.from_state for step in steps[1:]] == [step.to_state for step in steps[:-1]]
            assert (steps[-1].to_state, len(steps)) == (self.model, self.steps)
        assert at < _END

    def teardown(self) -> None:
        self._opened.close()


GrantLife.TestCase.settings = settings(max_examples=12, stateful_step_count=12)
TestGrantLife = GrantLife.TestCase


@pytest.fixture(scope="module", autouse=True)
def _machine(sqlite_records: SqliteRecords) -> None:
    """The machine's databases are copies of one that is migrated and filled once."""
    GrantLife.engine = sqlite_records


def test_the_index_knows_when_a_grant_was_suspended(prepared: RecordsDatabase) -> None:
    with prepared.begin() as session:
        request_grant(session, _terms(), _editor("zhang"))
        move_grant(session, "G1", GrantStep.APPROVE, _editor("li", _START + 10))
        move_grant(session, "G1", GrantStep.SUSPEND, _editor("li", _START + 20), "核查")
        move_grant(session, "G1", GrantStep.RESUME, _editor("li", _START + 30))
    index = LiveRegistry(prepared).current
    statuses = [
        index.judge(FlowQuestion(index.account("svc"), index.resource("person"), _START + at)).status.value
        for at in (5, 15, 25, 35)
    ]
    assert statuses == ["none", "valid", "revoked", "valid"]


def test_an_approved_grant_keeps_its_terms(prepared: RecordsDatabase) -> None:
    with prepared.begin() as session:
        request_grant(session, _terms(), _editor("zhang"))
        assert change_terms(session, _terms(purpose="统计"), _editor("zhang")).purpose == "统计"
        move_grant(session, "G1", GrantStep.APPROVE, _editor("li"))
    with pytest.raises(GrantTransitionError, match="its terms stand"), prepared.begin() as session:
        change_terms(session, _terms(), _editor("zhang"))


def test_only_the_provider_approves_and_a_stranger_sees_nothing(prepared: RecordsDatabase) -> None:
    with prepared.begin() as session:
        request_grant(session, _terms(), _editor("zhang", units=["housing"]))
    with pytest.raises(GrantTransitionError, match="ask police"), prepared.begin() as session:
        move_grant(session, "G1", GrantStep.APPROVE, _editor("li", units=["housing"]))
    with pytest.raises(EntryNotFoundError), prepared.begin() as session:
        move_grant(session, "G1", GrantStep.APPROVE, _editor("li", units=[]))
    with prepared.begin() as session:
        assert move_grant(session, "G1", GrantStep.APPROVE, _editor("li", units=["city"])).state == "approved"


def test_a_person_can_not_approve_through_their_own_key(prepared: RecordsDatabase) -> None:
    key = Editor(ChangedBy(Actor("api_key", "k1", "zhang/k1"), _START, account_id="zhang"), UnitScope.everything())
    with prepared.begin() as session:
        request_grant(session, _terms(), _editor("zhang"))
    with pytest.raises(GrantTransitionError, match="requested themselves"), prepared.begin() as session:
        move_grant(session, "G1", GrantStep.APPROVE, key)


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"consumer_id": "nobody"}, "consumer_id"),
        ({"resource_id": "nothing"}, "resource_id"),
        ({"provider_id": "housing"}, "provider_id"),
        ({"fields": ["name", "mobile"]}, "fields"),
    ],
)
def test_terms_that_contradict_the_catalog_are_refused(
    prepared: RecordsDatabase, changes: dict[str, object], column: str
) -> None:
    with pytest.raises(ContradictionError) as refused, prepared.begin() as session:
        request_grant(session, _terms(**changes), _editor("zhang"))
    assert refused.value.column == column


def test_each_step_is_in_the_audit_trail_and_can_not_be_undone_by_hand(prepared: RecordsDatabase) -> None:
    with prepared.begin() as session:
        request_grant(session, _terms(), _editor("zhang"))
        move_grant(session, "G1", GrantStep.REVOKE, _editor("li"), "不符合用途")
    with prepared.read() as session:
        found = list_records(session, AuditFilter(object_kind="grant", object_id="G1"), 10)
        assert [(each.action, each.actor_name, each.reason) for each in found] == [
            ("grant:revoke", "li", "不符合用途"),
            ("grant:request", "zhang", None),
        ]
    for table in (GrantTransition, RegistryChange):
        with pytest.raises(DBAPIError, match="append-only"), prepared.begin() as session:
            session.execute(update(table).values(actor="x"))


def test_a_step_that_fails_leaves_nothing(prepared: RecordsDatabase) -> None:
    with prepared.begin() as session:
        request_grant(session, _terms(), _editor("zhang"))
    with pytest.raises(GrantTransitionError, match="needs a reason"), prepared.begin() as session:
        move_grant(session, "G1", GrantStep.REVOKE, _editor("li"))
    with prepared.read() as session:
        row = session.get_one(GrantRecord, "G1")
        assert GRANTS.entries(session, [row])[0].state == "requested"
        assert len(grant_transitions(session, "G1")) == 1
