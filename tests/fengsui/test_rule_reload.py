"""Rule files change while events flow: every event meets the old rules or the new ones, none is missed or doubled."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from audit import Actor, AuditRecord
from collectors.delivery import Pipeline
from collectors.record import Record, RecordBatch
from detection.alerts.models import Alert, AlertEvent
from detection.authorship import ChangedBy
from detection.following import FollowedRules
from detection.intelligence import IndicatorWatch
from detection.lifecycle import versions_of
from detection.tuning import (
    ExceptedField,
    ExceptionProposal,
    Retrospect,
    WithheldBy,
    approve,
    filter_document,
    propose,
    withdraw,
    withheld_counts,
)
from events import now_ms
from fengsui.detecting import Detected, Detectors, build_pipeline
from fengsui.live_matcher import LiveMatcher
from fengsui.rule_reload import LookTimes, RuleReload
from store.embedded import EmbeddedEventStore
from store.records import RecordsDatabase
from store.records.migrate import upgrade

RULE = """title: Sign-in
id: {id}
level: {level}
logsource: {{product: linux, service: sshd}}
detection: {{s: {{message|contains: {text}}}, condition: s}}
"""
OPS = "Accepted publickey for ops01"


@dataclass
class Running:
    folder: Path
    records: RecordsDatabase
    store: EmbeddedEventStore
    matcher: LiveMatcher
    rules: FollowedRules
    pipeline: Pipeline[Detected]
    reload: RuleReload

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def settle(self) -> bool:
        """Look until a change has rested; returns whether other rules are in force."""
        first = self.reload.turn()
        return self.reload.turn() or first

    def deliver(self, start: int, count: int, source: str = "a", user: str = "ops01") -> None:
        batch = [_line(start + number, user) for number in range(count)]
        self.pipeline.deliver([RecordBatch(source, source, batch, [])])

    def alerted(self, rule_id: str) -> list[str]:
        """The ids of the events of a rule's alerts."""
        with self.records.read() as session:
            found = select(AlertEvent.event_id).join(Alert, Alert.id == AlertEvent.alert_id)
            return list(session.scalars(found.where(Alert.rule_id == rule_id)))

    def except_user(self, user: str) -> str:
        rule = next(rule for rule in self.rules.rule_set.rules if rule.id == "one")
        document = filter_document(rule, [ExceptedField("user.name", user)], "Operators")
        with self.records.begin() as session:
            proposal = ExceptionProposal(rule, document, "they sign in all day", now_ms() + 60_000, Retrospect())
            return approve(session, propose(session, proposal, _by()).id, _by()).id


def _by() -> ChangedBy:
    return ChangedBy(Actor("user", "lin", "lin"), now_ms())


def _line(number: int, user: str) -> Record:
    text = (
        f"Nov 18 00:{number // 60 % 60:02}:{number % 60:02} db-1 sshd[{number}]: "
        f"Accepted publickey for {user} from 10.0.0.1 port 27573 ssh2: ED25519 k"
    )
    return Record(number * 200, text.encode(), text)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "one.yml").write_text(RULE.format(id="one", level="low", text=OPS), encoding="utf-8")
    records = RecordsDatabase(f"sqlite:///{tmp_path / 'records.db'}")
    upgrade(records)
    store = EmbeddedEventStore(tmp_path / "events")
    rules = FollowedRules([folder])
    assert rules.rule_set.unsupported == []
    matcher = LiveMatcher(rules.rule_set, records)
    pipeline = build_pipeline(Detectors(matcher, IndicatorWatch(records), rules), store, records, {})
    reload = RuleReload(rules, matcher, pipeline.between_batches, LookTimes(0))
    yield Running(folder, records, store, matcher, rules, pipeline, reload)
    store.close()
    records.close()


@pytest.fixture(autouse=True)
def looks_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LookTimes, "is_due", lambda _: True)


def test_rules_are_added_changed_and_removed_without_a_restart(running: Running) -> None:
    running.deliver(0, 2)
    running.write("two.yml", RULE.format(id="two", level="high", text=OPS))
    assert running.settle()
    running.deliver(2, 3)
    running.write("one.yml", RULE.format(id="one", level="low", text="nobody"))
    assert running.settle()
    running.deliver(5, 4)
    (running.folder / "two.yml").unlink()
    assert running.settle()
    running.deliver(9, 5)
    assert (len(running.alerted("one")), len(running.alerted("two"))) == (5, 7)
    with running.records.read() as session:
        assert len(versions_of(session, "one")) == 2
        actions = [(each.action, each.after) for each in session.query(AuditRecord)]
    assert ("rule:remove", '{"rule_ids":["two"],"rules":1}') in actions


def test_a_broken_file_leaves_the_rule_at_work(running: Running) -> None:
    running.write("one.yml", "title: [broken\n")
    assert running.settle()
    running.deliver(0, 3)
    assert len(running.alerted("one")) == 3
    [problem] = running.rules.rule_set.unsupported
    assert problem.path == running.folder / "one.yml"


def test_every_event_meets_the_old_rules_or_the_new_ones(running: Running) -> None:
    """Each version of the files has the rule under one of two ids: an event must be alerted on by exactly one."""
    done = threading.Event()
    delivered: list[int] = []

    def deliver(source: str) -> None:
        start = 0
        while start < 300 or not (running.alerted("even0") and running.alerted("even1")):  # until both were met
            running.deliver(start, 10, source)
            start += 10
        delivered.append(start)

    def change() -> None:
        turn = 0
        while not done.is_set():
            turn += 1
            running.write("one.yml", RULE.format(id=f"even{turn % 2}", level="low", text=OPS))
            running.settle()
            time.sleep(0.005)

    threads = [threading.Thread(target=deliver, args=(source,)) for source in ("a", "b")]
    changing = threading.Thread(target=change)
    for thread in (*threads, changing):
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    changing.join()
    found = [running.alerted(rule_id) for rule_id in ("one", "even0", "even1")]
    events = [event_id for each in found for event_id in each]
    assert len(delivered) == 2
    assert len(events) == len(set(events)) == sum(delivered)


def test_a_reload_races_with_exceptions(running: Running) -> None:
    """While files change, exceptions come and go: every event is alerted on or counted as withheld, once."""
    done = threading.Event()

    def change_files() -> None:
        turn = 0
        while not done.is_set():
            turn += 1
            running.write("one.yml", RULE.format(id="one", level="low", text=OPS) + f"description: turn {turn}\n")
            running.settle()

    def change_exceptions() -> None:
        while not done.is_set():
            exception_id = running.except_user("ops01")
            running.matcher.refresh()
            time.sleep(0.01)
            with running.records.begin() as session:
                withdraw(session, exception_id, "off again", _by())
            running.matcher.refresh()

    changing = [threading.Thread(target=change_files), threading.Thread(target=change_exceptions)]
    for thread in changing:
        thread.start()
    for start in range(0, 300, 10):
        running.deliver(start, 10)
    done.set()
    for thread in changing:
        thread.join()
    with running.records.read() as session:
        withheld = sum(each.events for each in withheld_counts(session, WithheldBy.EXCEPTION).values())
    alerted = running.alerted("one")
    assert len(set(alerted)) == len(alerted)
    assert len(alerted) + withheld == 300
    running.except_user("ops01")
    running.matcher.refresh()
    running.write("one.yml", RULE.format(id="one", level="high", text=OPS))
    assert running.settle()
    running.deliver(900, 5)
    assert running.alerted("one") == alerted, "the exception holds for the rule's new version too"


MANY = (
    RULE.format(id="many", level="low", text=OPS) + "fengsui: {threshold: {field: user.name, count: 4, within: 1h}}\n"
)
COUNTED = """title: Counted
id: counted
correlation: {type: event_count, rules: [one], group-by: [user.name], timespan: 1h, condition: {gte: 4}, generate: true}
"""


def test_unchanged_rules_remember_and_changed_ones_begin_anew(running: Running) -> None:
    running.write("many.yml", MANY)
    running.write("counted.yml", COUNTED)
    assert running.settle()
    running.deliver(0, 2)
    running.write("other.yml", RULE.format(id="other", level="low", text="nobody"))
    assert running.settle()
    running.deliver(2, 1)
    assert running.alerted("many") == []
    running.write("many.yml", MANY.replace("Sign-in", "Sign-in again"))
    running.write("counted.yml", COUNTED.replace("gte: 4", "gte: 5"))
    assert running.settle()
    running.deliver(3, 3)
    assert running.alerted("many") == [], "the changed rule counts from its own beginning"
    running.write("other.yml", RULE.format(id="other", level="high", text="nobody"))
    assert running.settle()
    running.deliver(6, 1)
    assert len(running.alerted("many")) == 4, "three from before the reload of another rule, and one"
    with running.records.read() as session:
        assert len(versions_of(session, "many")) == 2
        assert len(versions_of(session, "counted")) == 2


def test_a_look_takes_a_bounded_share_of_the_time() -> None:
    times = LookTimes(0)
    started = time.monotonic()
    times.looked(0.5)
    assert times._due - started >= 0.5 / 0.02
