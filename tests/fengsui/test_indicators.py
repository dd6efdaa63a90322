"""Indicators from the command line to alerts: live, and in retrospect by the process that writes the store."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from audit import CheckpointSigner
from detection import load_rules
from detection.alerts import Alert, AlertFilter, list_alerts
from detection.intelligence import Indicator, IndicatorWatch, rule_id_of
from detection.intelligence.values import IndicatorType
from events import format_timestamp, now_ms
from fengsui.detecting import Detectors, build_pipeline
from fengsui.live_matcher import LiveMatcher
from fengsui.processes.housekeeping import Following, Housekeeping, Rounds
from fengsui.processes.sealing import TrailSealing
from fengsui.settings import Settings
from registry import UnitScope
from store import EmbeddedEventStore
from store.records import RecordsDatabase
from tests.patience import PATIENCE_SECONDS

ALL = UnitScope.everything()

if TYPE_CHECKING:
    from conftest import Fengsui

_FEED = b"203.0.113.0/24\nevil.example\nnothing\n"


def _log(folder: Path) -> Path:
    moment = format_timestamp(now_ms() - 3_600_000)
    own = {"@timestamp": moment, "ecs": {"version": "8.11"}, "event": {"dataset": "zeek.conn"}}
    lines = [
        {**own, "source": {"ip": "203.0.113.9"}},
        {**own, "dns": {"question": {"name": "cdn.evil.example"}}},
        {**own, "source": {"ip": "192.0.2.1"}},
    ]
    path = folder / "events.ndjson"
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return path


def _alerts(records: RecordsDatabase) -> list[Alert]:
    with records.read() as session:
        found = list_alerts(session, ALL, AlertFilter(rule_ids=[rule_id_of(kind) for kind in IndicatorType])).alerts
    return sorted(found, key=lambda alert: alert.rule_title)


def _opened(folder: Path) -> RecordsDatabase:
    return RecordsDatabase(f"sqlite:///{folder / 'var' / 'records.sqlite3'}")


def _imported(fengsui: Fengsui, folder: Path) -> None:
    (folder / "feed.txt").write_bytes(_FEED)
    ran = fengsui("indicators", "import", "feed.txt", "--format", "list", "--source", "city-cert")
    assert (ran.status, ran.lines[0]["reference"]) == (1, "line 3")
    assert "2 added" in ran.err


def test_what_is_imported_raises_alerts_on_what_comes_in(fengsui: Fengsui, tmp_path: Path) -> None:
    _imported(fengsui, tmp_path)
    assert fengsui("ingest", _log(tmp_path)).status == 0
    with closing(_opened(tmp_path)) as records:
        alerts = _alerts(records)
        assert [alert.rule_title for alert in alerts] == [
            "与已知恶意地址通信 / Contact with a known malicious address",
            "与已知恶意域名通信 / Contact with a known malicious domain",
        ]
        assert [alert.entity["threat.indicator.name"] for alert in alerts] == ["203.0.113.0/24", "evil.example"]
        assert alerts[0].matched_fields[0]["value"] == "203.0.113.9"


def test_what_came_in_before_is_found_in_retrospect_and_only_once(fengsui: Fengsui, tmp_path: Path) -> None:
    log = _log(tmp_path)
    fengsui("ingest", log)
    with closing(_opened(tmp_path)) as records, closing(EmbeddedEventStore(tmp_path / "var" / "events")) as store:
        detectors = Detectors(LiveMatcher(load_rules([tmp_path]), records), IndicatorWatch(records))
        sealing = TrailSealing(Settings(data_dir=tmp_path / "var"), records, CheckpointSigner(bytes(32)))
        pipeline = build_pipeline(detectors, store, records, {})
        housekeeping = Housekeeping(records, store, pipeline, detectors.watch, sealing)
        rounds = Rounds([housekeeping.turn, Following(pipeline, detectors).turn])
        rounds.start()
        try:
            assert _alerts(records) == []
            _imported(fengsui, tmp_path)
            _wait(lambda: _searched(records))
        finally:
            rounds.stop()
        found = [(alert.id, alert.count) for alert in _alerts(records)]
        assert [count for _, count in found] == [1, 1]
    fengsui("ingest", log)
    with closing(_opened(tmp_path)) as records:
        assert [(alert.id, alert.count) for alert in _alerts(records)] == found


def test_indicators_are_listed_and_retired(fengsui: Fengsui, tmp_path: Path) -> None:
    _imported(fengsui, tmp_path)
    listed = fengsui("indicators", "list", "--type", "ip").lines
    assert [(each["value"], each["state"], each["source"]) for each in listed] == [
        ("203.0.113.0/24", "active", "city-cert")
    ]
    assert fengsui("indicators", "retire", listed[0]["id"], "--reason", "our own range").status == 0
    assert fengsui("indicators", "list", "--state", "retired").lines[0]["id"] == listed[0]["id"]
    missing = fengsui("indicators", "retire", "missing", "--reason", "x")
    assert (missing.status, "no indicator missing" in missing.err) == (2, True)
    (tmp_path / "bundle.json").write_text("{}", encoding="utf-8")
    broken = fengsui("indicators", "import", "bundle.json", "--format", "stix", "--source", "x")
    assert (broken.status, "no STIX bundle" in broken.err) == (2, True)


def _searched(records: RecordsDatabase) -> bool:
    with records.read() as session:
        due = list(session.scalars(select(Indicator.searched_ms)))
    return len(due) == 2 and None not in due


def _wait(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.1)
