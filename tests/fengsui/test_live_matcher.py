"""Changed exceptions and rule states take hold in a running pipeline, and no event slips through meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audit import Actor, CheckpointSigner
from collectors.delivery import Pipeline
from collectors.record import Record, RecordBatch
from detection import RuleSet, load_rules
from detection.alerts import AlertFilter, list_alerts
from detection.alerts.models import AlertEvent
from detection.authorship import ChangedBy
from detection.intelligence import IndicatorWatch
from detection.lifecycle import RuleState, switch
from detection.tuning import (
    ExceptedField,
    ExceptionProposal,
    NewSilence,
    Retrospect,
    TunedMatches,
    WithheldBy,
    approve,
    begin_silence,
    end_silence,
    filter_document,
    list_exceptions,
    propose,
    withdraw,
    withheld_counts,
)
from events import now_ms
from fengsui.detecting import Detectors, build_pipeline
from fengsui.live_matcher import LiveMatcher
from fengsui.processes.housekeeping import Following, Housekeeping, Rounds
from fengsui.processes.sealing import TrailSealing
from fengsui.settings import Settings
from incidents import queue_pulse
from registry import UnitScope
from store.embedded import EmbeddedEventStore
from store.records import RecordsDatabase
from tests.patience import until

ALL = UnitScope.everything()

RULE = """
title: Sign-in by key
id: key-sign-in
level: medium
logsource: {product: linux, service: sshd}
detection: {accepted: {message|contains: Accepted publickey}, condition: accepted}
"""


@dataclass
class Running:
    rules: RuleSet
    records: RecordsDatabase
    store: EmbeddedEventStore
    matcher: LiveMatcher
    pipeline: Pipeline[TunedMatches]

    def deliver(self, source: str, start: int, count: int, user: str = "ops01") -> None:
        self.pipeline.deliver([RecordBatch(source, source, [_line(start + n, user) for n in range(count)], [])])

    def except_user(self, user: str, expires: int) -> str:
        [rule] = self.rules.rules
        document = filter_document(rule, [ExceptedField("user.name", user)], "Operators")
        with self.records.begin() as session:
            proposal = ExceptionProposal(rule, document, "they sign in all day", expires, Retrospect())
            return approve(session, propose(session, proposal, _by()).id, _by()).id

    def counted(self) -> tuple[int, int]:
        """Alerted events, and events that exceptions withheld."""
        with self.records.read() as session:
            withheld = withheld_counts(session, WithheldBy.EXCEPTION)
            return _alerted(session), sum(each.events for each in withheld.values())


def _alerted(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(AlertEvent)) or 0


def _by() -> ChangedBy:
    return ChangedBy(Actor("user", "lin", "lin"), now_ms())


def _line(number: int, user: str) -> Record:
    text = (
        f"Nov 18 00:05:13 db-1 sshd[{number}]: Accepted publickey for {user} from 10.0.0.1 port 27573 ssh2: ED25519 k"
    )
    return Record(number * 200, text.encode(), text)


@pytest.fixture
def running(tmp_path: Path, empty_records: RecordsDatabase) -> Iterator[Running]:
    (tmp_path / "rule.yml").write_text(RULE, encoding="utf-8")
    records, store = empty_records, EmbeddedEventStore(tmp_path / "events")
    rule_set = load_rules([tmp_path / "rule.yml"])
    assert rule_set.unsupported == []
    matcher = LiveMatcher(rule_set, records)
    detectors = Detectors(matcher, IndicatorWatch(records))
    yield Running(rule_set, records, store, matcher, build_pipeline(detectors, store, records, {}))
    store.close()


def test_an_exception_takes_hold_without_a_restart_and_ends_by_itself(running: Running) -> None:
    running.deliver("a", 0, 3)
    assert not running.matcher.refresh()
    exception_id = running.except_user("ops01", now_ms() + 60_000)
    assert running.matcher.refresh()
    running.deliver("a", 3, 4)
    running.deliver("a", 3, 4)
    running.deliver("a", 7, 1, user="mallory")
    assert running.counted() == (4, 4)
    with running.records.begin() as session:
        withdraw(session, exception_id, "no longer", _by())
    assert running.matcher.refresh()
    running.deliver("a", 8, 2)
    assert running.counted() == (6, 4)


def test_no_event_is_missed_while_exceptions_are_switched(running: Running) -> None:
    """Two threads deliver while a third switches: every event is alerted on or counted as withheld, none twice."""
    done = threading.Event()
    delivered: list[int] = []

    def deliver(source: str) -> None:
        start = 0
        while start < 400 or not all(running.counted()):  # until deliveries have met the exception, and not met it
            running.deliver(source, start, 10)
            start += 10
        delivered.append(start)

    def switch_on_and_off() -> None:
        while not done.is_set():
            exception_id = running.except_user("ops01", now_ms() + 60_000)
            running.matcher.refresh()
            time.sleep(0.02)
            with running.records.begin() as session:
                withdraw(session, exception_id, "off again", _by())
            running.matcher.refresh()
            time.sleep(0.02)

    threads = [threading.Thread(target=deliver, args=(source,)) for source in ("a", "b")]
    switching = threading.Thread(target=switch_on_and_off)
    for thread in (*threads, switching):
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    switching.join()
    alerted, withheld = running.counted()
    assert len(delivered) == 2
    assert alerted + withheld == sum(delivered)


def test_rule_states_take_hold(running: Running) -> None:
    def put(state: RuleState) -> None:
        with running.records.begin() as session:
            switch(session, ("key-sign-in", None), state, "tuning", _by())
        assert running.matcher.refresh()

    put(RuleState.TEST)
    running.deliver("a", 0, 3)
    put(RuleState.RETIRED)
    running.deliver("a", 3, 3)
    put(RuleState.DRAFT)
    running.deliver("a", 6, 3)
    with running.records.read() as session:
        assert _alerted(session) == 0
        assert withheld_counts(session, WithheldBy.TEST)["key-sign-in"].events == 3
    put(RuleState.ON)
    running.deliver("a", 9, 3)
    with running.records.read() as session:
        assert _alerted(session) == 3


def test_housekeeping_follows_changes_and_writes_down_what_expired(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    detectors = Detectors(running.matcher, IndicatorWatch(running.records))
    sealing = TrailSealing(Settings(data_dir=tmp_path / "var"), running.records, CheckpointSigner(bytes(32)))
    housekeeping = Housekeeping(running.records, running.store, running.pipeline, detectors.watch, sealing)
    rounds = Rounds([housekeeping.turn, Following(running.pipeline, detectors).turn])
    end = now_ms() + 3_600_000
    running.except_user("ops01", end)
    running.matcher.refresh()
    running.deliver("a", 0, 2)
    for module in ("fengsui.processes.housekeeping", "fengsui.live_matcher"):
        monkeypatch.setattr(f"{module}.now_ms", lambda: end)
    rounds.start()
    try:
        until(lambda: _state(running) == "expired")
    finally:
        rounds.stop()
    running.deliver("a", 2, 1)
    assert running.counted() == (1, 2)


def _state(running: Running) -> str:
    with running.records.read() as session:
        return list_exceptions(session)[0].state


def test_a_silenced_alert_waits_out_of_the_queue(running: Running) -> None:
    now = now_ms()
    wanted = NewSilence({"entities": ["user.name=OPS01"], "levels": ["medium"]}, now - 1, now + 60_000, "maintenance")
    with running.records.begin() as session:
        silence = begin_silence(session, wanted, _by())
    running.deliver("a", 0, 2)
    running.deliver("a", 2, 1, user="mallory")
    with running.records.read() as session:
        shown = list_alerts(session, ALL, AlertFilter(silenced="hide")).alerts
        hidden = list_alerts(session, ALL, AlertFilter(silenced="only")).alerts
        assert [alert.entity["user.name"] for alert in shown] == ["mallory"]
        assert [(alert.entity["user.name"], alert.count, alert.silence_id) for alert in hidden] == [
            ("ops01", 2, silence.id)
        ]
        assert queue_pulse(session, ALL).new == 1
    with running.records.begin() as session:
        end_silence(session, silence.id, _by())
    with running.records.read() as session:
        assert len(list_alerts(session, ALL, AlertFilter(silenced="hide")).alerts) == 2
        assert len(list_alerts(session, ALL, AlertFilter(silence_id=silence.id)).alerts) == 1
        assert queue_pulse(session, ALL).new == 2
