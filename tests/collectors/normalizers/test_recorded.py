"""Recorded logs that nobody in the project wrote: nearly all records become events with the time they happened."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import UTC
from itertools import islice
from pathlib import Path

import orjson
import pytest
from evtx import PyEvtxParser

from collectors.normalizers.chain import normalize
from collectors.normalizers.contract import SourceContext
from collectors.record import NormalizedBatch, Record, RecordBatch

pytestmark = pytest.mark.shared_data
CONTEXT = SourceContext("recorded", "recorded", zone=UTC)
EVENTS_OF_A_ZIP = 150


def normalized(records: list[Record]) -> NormalizedBatch:
    result = normalize(RecordBatch("recorded", "recorded", records, []), CONTEXT)
    assert len(result.events) + len(result.dead_letters) == len(records)
    return result


def evtx_records(folder: Path) -> list[Record]:
    return [
        Record(row["event_record_id"], row["data"].encode(), document=orjson.loads(row["data"]), decoder="evtx")
        for path in sorted(folder.rglob("*.evtx"))
        for row in PyEvtxParser(str(path)).records_json()
    ]


def otrf_records(folder: Path) -> Iterator[Record]:
    for path in sorted(folder.rglob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith(".json") and not name.startswith("__MACOSX"):
                    with archive.open(name) as lines:
                        for line in islice(lines, EVENTS_OF_A_ZIP):
                            yield Record(0, line, document=orjson.loads(line), decoder="ndjson")


@pytest.mark.parametrize("folder", ["evtx", "sigma/regression_data"])
def test_windows_event_logs_happen_when_the_event_log_says(shared_data: Path, folder: str) -> None:
    records = evtx_records(shared_data / folder)
    result = normalized(records)
    assert len(result.events) == len(records) > 100
    for record, event in zip(records, result.events, strict=True):
        system = record.document["Event"]["System"]
        assert system["TimeCreated"]["#attributes"]["SystemTime"].startswith(event["@timestamp"][:-1])
        assert event["winlog.channel"] == system["Channel"]
        assert event["event.dataset"].startswith("windows.")


def test_windows_events_of_the_shippers_keep_their_sysmon_time(shared_data: Path) -> None:
    records = list(otrf_records(shared_data / "otrf"))
    result = normalized(records)
    assert len(result.dead_letters) <= len(records) // 1000
    windows = [event for event in result.events if event["event.module"] == "windows"]
    assert len(windows) > 8_000
    assert all(event["@timestamp"][:4] in {"2019", "2020", "2021", "2022", "2023"} for event in windows)
    shipped = [event for event in windows if "winlog.nxlog.EventTime" in event and "winlog.event_data.UtcTime" in event]
    assert len(shipped) > 1_000
    assert all(event["@timestamp"][:23].replace("T", " ") == event["winlog.event_data.UtcTime"] for event in shipped)


@pytest.mark.parametrize(("name", "dataset"), [("OpenSSH_2k.log", "linux.auth"), ("Linux_2k.log", None)])
def test_lines_of_linux_hosts(shared_data: Path, name: str, dataset: str | None) -> None:
    lines = (shared_data / "loghub" / name).read_bytes().splitlines()
    result = normalized([Record(number, line, text=line.decode()) for number, line in enumerate(lines)])
    assert result.dead_letters == []
    datasets = {event["event.dataset"] for event in result.events}
    assert datasets == ({dataset} if dataset else {"linux.auth", "linux.syslog"})
    failures = sum(event.get("event.outcome") == "failure" for event in result.events)
    assert failures > 500
