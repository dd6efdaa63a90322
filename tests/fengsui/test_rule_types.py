"""Rules with new terms and with a threshold in the running pipeline, across a restart and a replay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from collectors.record import Record, RecordBatch
from detection import load_rules
from detection.alerts import Alert
from detection.intelligence import IndicatorWatch
from fengsui.detecting import Detectors, build_pipeline
from fengsui.live_matcher import LiveMatcher
from store.embedded import EmbeddedEventStore
from store.records import RecordsDatabase

RULES = """
title: Sign-in from a new address
id: new-address
logsource: {product: linux, service: sshd}
detection: {accepted: {message|contains: Accepted publickey}, condition: accepted}
fengsui: {new_terms: {fields: [user.name, source.ip], history: 14d, learning: 1m}}
---
title: Many sign-ins
id: many-sign-ins
logsource: {product: linux, service: sshd}
detection: {accepted: {message|contains: Accepted publickey}, condition: accepted}
fengsui: {threshold: {field: user.name, count: 3, within: 1h}}
"""


@dataclass
class Running:
    folder: Path
    records: RecordsDatabase
    store: EmbeddedEventStore

    def start(self) -> None:
        """Start the pipeline, anew where it runs already."""
        matcher = LiveMatcher(load_rules([self.folder / "rules.yml"]), self.records)
        self._pipeline = build_pipeline(Detectors(matcher, IndicatorWatch(self.records)), self.store, self.records, {})

    def deliver(self, *lines: tuple[int, str]) -> None:
        """Sign-ins from addresses at minutes past midnight."""
        texts = [
            (
                minute,
                f"Nov 18 00:{minute:02}:13 db-1 sshd[7]: Accepted publickey for ops from {address} port 5 ssh2: ED",
            )
            for minute, address in lines
        ]
        batch = [Record(minute * 200, text.encode(), text) for minute, text in texts]
        self._pipeline.deliver([RecordBatch("auth", "auth", batch, [])])

    def alerts(self, rule_id: str) -> list[tuple[int, dict[str, str]]]:
        """The number of events and the entities of each alert of a rule."""
        with self.records.read() as session:
            alerts = select(Alert.count, Alert.entity).where(Alert.rule_id == rule_id).order_by(Alert.first_seen)
            return [(count, entity) for count, entity in session.execute(alerts)]


@pytest.fixture
def running(tmp_path: Path, empty_records: RecordsDatabase) -> Iterator[Running]:
    (tmp_path / "rules.yml").write_text(RULES, encoding="utf-8")
    assert load_rules([tmp_path / "rules.yml"]).unsupported == []
    store = EmbeddedEventStore(tmp_path / "events")
    running = Running(tmp_path, empty_records, store)
    running.start()
    yield running
    store.close()


def test_only_the_new_address_alerts_and_a_restart_forgets_nothing(running: Running) -> None:
    running.deliver((0, "10.0.0.1"))
    running.start()
    later = ((10, "10.0.0.1"), (11, "203.0.113.7"), (20, "203.0.113.7"))
    running.deliver(*later)
    expected = [(1, {"user.name": "ops", "source.ip": "203.0.113.7"})]
    assert running.alerts("new-address") == expected
    running.start()
    running.deliver(*later)
    assert running.alerts("new-address") == expected


def test_the_threshold_counts_across_a_restart(running: Running) -> None:
    running.deliver((0, "10.0.0.1"), (1, "10.0.0.1"))
    assert running.alerts("many-sign-ins") == []
    running.start()
    running.deliver((1, "10.0.0.1"))
    assert running.alerts("many-sign-ins") == []
    running.deliver((2, "10.0.0.1"), (3, "10.0.0.1"))
    assert running.alerts("many-sign-ins") == [(4, {"user.name": "ops"})]
