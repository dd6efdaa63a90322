"""Whatever people and scans do, in any order: nobody decides twice, history only grows, and people win."""

from __future__ import annotations

import sqlite3
import tempfile
from functools import cache
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import event, select

from audit import Actor
from audit.authorship import ChangedBy
from classification.columns import ColumnFinding, Evidence
from classification.review import (
    Amendment,
    Confirmation,
    FieldFinding,
    Finding,
    FindingStep,
    Proposal,
    Rejection,
    RejectReason,
    ResourceScan,
    ReviewError,
    amend,
    by_itself,
    confirm,
    propose,
    reject,
    suggest,
)
from registry import ResourceKind, UnitLevel, UnitScope
from registry.entries import ResourceEntry, UnitEntry
from registry.models import ResourceField
from registry.registers import RESOURCES, UNITS, Editor, put
from store.records import Base, RecordsDatabase

_ALL = UnitScope.everything()
_PEOPLE = st.sampled_from(["lin", "wang"])
_KEYS = st.sampled_from([("a", "email"), ("a", "bank_card"), ("b", "resident_id")])
_VERSIONS = st.sampled_from(["1", "2"])
_DECIDED = {"confirmed", "rejected"}
_State = tuple[str, str, str | None, str | None]


def _seen(key: tuple[str, str]) -> FieldFinding:
    reasons = (Evidence("checksum", 0.95, "holds"),)
    return FieldFinding(key[0], ColumnFinding(key[1], 0.97, 0.5, (0.4, 0.6), 50, 100, reasons))


@cache
def _city() -> bytes:
    """A records database with one table in the catalog, made once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.db"
        records = RecordsDatabase(f"sqlite:///{path}")
        Base.metadata.create_all(records.engine)
        editor = Editor(ChangedBy(Actor("system", "test", "test"), 0), _ALL)
        with records.begin() as session:
            put(session, UNITS, UnitEntry(id="u", name="u", level=UnitLevel.CITY), editor)
            table = ResourceEntry(id="t", name="t", kind=ResourceKind.TABLE, provider_id="u", table="t")
            put(session, RESOURCES, table, editor)
        records.close()
        return path.read_bytes()


def _without_sync(connection: sqlite3.Connection, _record: object) -> None:
    """These databases need not outlive a power cut."""
    connection.execute("PRAGMA synchronous=OFF")


class ReviewMachine(RuleBasedStateMachine):
    """One table, two people, and scans that see this and that."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "records.db"
        path.write_bytes(_city())
        self.records = RecordsDatabase(f"sqlite:///{path}")
        event.listen(self.records.engine, "connect", _without_sync)
        self.clock = 0
        self.history: list[tuple[int, str, str]] = []

    def teardown(self) -> None:
        self.records.close()
        self.folder.cleanup()

    def _by(self, name: str) -> ChangedBy:
        self.clock += 1
        return ChangedBy(Actor("user", name, name), self.clock)

    def _states(self) -> dict[str, _State]:
        with self.records.read() as session:
            return {
                row.id: (row.state, row.proposed_by, row.grade, row.reason) for row in session.scalars(select(Finding))
            }

    def _id(self, key: tuple[str, str]) -> str:
        with self.records.read() as session:
            found = session.scalar(select(Finding.id).where(Finding.field == key[0], Finding.category == key[1]))
        return found or "nothing"

    @rule(seen=st.sets(_KEYS), fields=st.sets(st.sampled_from("ab")), version=_VERSIONS)
    def scan(self, seen: set[tuple[str, str]], fields: set[str], version: str) -> None:
        self.clock += 1
        before = self._states()
        looked_at = sorted(fields | {field for field, _ in seen})
        with self.records.begin() as session:
            scan = ResourceScan("t", "t", f"s{self.clock}", version, looked_at, [_seen(key) for key in sorted(seen)])
            suggest(session, scan, by_itself(self.clock))
        after = self._states()
        for finding_id, state in before.items():
            if state[0] in _DECIDED or state[1] != "classification":
                assert after[finding_id] == state

    @rule(key=_KEYS, name=_PEOPLE)
    def confirm(self, key: tuple[str, str], name: str) -> None:
        finding_id = self._id(key)
        state = self._states().get(finding_id)
        try:
            with self.records.begin() as session:
                confirm(session, _ALL, finding_id, Confirmation(), self._by(name))
        except ReviewError:
            assert state is None or state[0] not in {"suggested", "confirmed"} or state[1] == name
        else:
            assert state is not None
            assert state[1] != name

    @rule(key=_KEYS, name=_PEOPLE, reason=st.sampled_from(RejectReason))
    def reject(self, key: tuple[str, str], name: str, reason: RejectReason) -> None:
        finding_id = self._id(key)
        state = self._states().get(finding_id)
        instead = "address" if reason is RejectReason.WRONG_CATEGORY else None
        try:
            with self.records.begin() as session:
                reject(session, _ALL, finding_id, Rejection(reason, None, instead), self._by(name))
        except ReviewError:
            pass
        else:
            assert state is not None
            assert (state[0], state[1] != name) == ("suggested", True)

    @rule(key=_KEYS, name=_PEOPLE, grade=st.sampled_from([None, "general_1", "core"]))
    def amend(self, key: tuple[str, str], name: str, grade: str | None) -> None:
        try:
            with self.records.begin() as session:
                amend(session, _ALL, self._id(key), Amendment("again", grade), self._by(name))
        except ReviewError:
            assert self._states().get(self._id(key), ("superseded",))[0] == "superseded"

    @rule(key=_KEYS, name=_PEOPLE)
    def propose(self, key: tuple[str, str], name: str) -> None:
        before = self._states().get(self._id(key))
        try:
            with self.records.begin() as session:
                propose(session, _ALL, Proposal("t", *key), self._by(name))
        except ReviewError:
            assert before is not None
            assert before[0] in {"suggested", "confirmed"}

    @invariant()
    def history_only_grows_and_nobody_decides_on_their_own(self) -> None:
        with self.records.read() as session:
            steps = list(session.scalars(select(FindingStep).order_by(FindingStep.id)))
        assert [(step.id, step.kind, step.person_id) for step in steps][: len(self.history)] == self.history
        self.history = [(step.id, step.kind, step.person_id) for step in steps]
        proposers: dict[str, str] = {}
        states: dict[str, str] = {}
        for step in steps:
            assert step.from_state == states.get(step.finding_id)
            states[step.finding_id] = step.to_state
            if step.kind in {"suggest", "propose", "amend"}:
                proposers[step.finding_id] = step.person_id
            if step.kind in {"confirm", "reject"}:
                assert step.person_id not in {proposers[step.finding_id], "classification"}
        assert states == {finding_id: state[0] for finding_id, state in self._states().items()}

    @invariant()
    def the_catalog_holds_what_people_confirmed_last(self) -> None:
        with self.records.read() as session:
            wanted: dict[str, set[str]] = {}
            for row in session.scalars(select(Finding)):
                steps = session.scalars(select(FindingStep).where(FindingStep.finding_id == row.id)).all()
                decisions = [step.kind for step in steps if step.kind in {"confirm", "reject"}]
                assert row.in_force is (decisions[-1:] == ["confirm"])
                if row.in_force:
                    wanted.setdefault(row.field, set()).add(row.category)
            held = {row.name: set(row.categories) for row in session.scalars(select(ResourceField)) if row.categories}
        assert held == wanted


ReviewMachine.TestCase.settings = settings(max_examples=12, stateful_step_count=20)
TestReview = ReviewMachine.TestCase
