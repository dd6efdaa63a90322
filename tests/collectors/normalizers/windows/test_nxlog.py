"""What NXLog ships becomes the event that Windows wrote."""

from datetime import timedelta, timezone
from typing import Any

import pytest

from tests.collectors.normalizers.windows.shipped import NXLOG, One, without


def test_nxlog(event_of: One) -> None:
    event = event_of(NXLOG)
    expected = {
        "@timestamp": "2026-01-31T21:15:30.000Z",
        "event.action": "created-process",
        "event.code": "4688",
        "event.dataset": "windows.security",
        "event.outcome": "success",
        "host.name": "dc1",
        "log.level": "information",
        "process.command_line": "net user",
        "process.executable": "C:\\Windows\\System32\\net.exe",
        "process.parent.pid": 420,
        "process.pid": 2008,
        "user.domain": "CITY",
        "user.name": "wang",
        "winlog.channel": "Security",
        "winlog.event_data.NewProcessId": "0x7d8",
        "winlog.keywords": "0x8020000000000000",
        "winlog.level": "4",
        "winlog.nxlog.Category": "Process Creation",
        "winlog.nxlog.EventType": "AUDIT_SUCCESS",
        "winlog.nxlog.SeverityValue": "2",
        "winlog.nxlog.tags": ["a", "b"],
        "winlog.process.pid": 4,
        "winlog.process.thread.id": 8,
        "winlog.record_id": "99",
    }
    assert {name: event.get(name) for name in expected} == expected
    assert "winlog.event_data.EventType" not in event


def test_nxlog_loses_no_name(event_of: One) -> None:
    kept = " ".join(event_of(NXLOG))
    renamed = {"Hostname", "Keywords", "EventID", "SourceName", "ProviderGuid", "RecordNumber", "ExecutionProcessID",
               "ThreadID", "OpcodeValue", "Task", "Version", "Channel"}  # fmt: skip
    assert [name for name in NXLOG if name not in renamed and name not in kept] == []


def test_nxlog_event_type_of_sysmon_is_event_data(event_of: One) -> None:
    event = event_of({**NXLOG, "EventID": 13, "EventType": "SetValue", "EventTypeOrignal": "INFO"})
    assert event["winlog.event_data.EventType"] == "SetValue"


def test_nxlog_names_that_both_sides_use(event_of: One) -> None:
    event = event_of({**NXLOG, "AccountName": "LocalSystem", "ProcessID": 77})
    assert event["winlog.event_data.AccountName"] == event["winlog.user.name"] == "LocalSystem"
    assert event["winlog.process.pid"] == 77
    assert event_of({**NXLOG, "ProcessID": "88"})["winlog.event_data.ProcessID"] == "88"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"UtcTime": "2026-01-31 21:15:29.987"}, "2026-01-31T21:15:29.987Z"),
        ({"EventReceivedTime": "2026-02-01 02:45:32", "EventTime": "2026-02-01 02:45:30"}, "2026-01-31T21:15:30.000Z"),
        ({"EventReceivedTime": "2026-01-31 11:07:00"}, "2026-01-31T21:15:33.100Z"),  # receipts that don't fit
        ({"@timestamp": None}, "2026-01-31T16:15:30.000Z"),
    ],
)
def test_nxlog_time(event_of: One, changes: dict[str, Any], expected: object) -> None:
    assert event_of({**NXLOG, **changes})["@timestamp"] == expected


def test_nxlog_local_time_alone_is_in_the_sources_zone(event_of: One) -> None:
    document = without(NXLOG, "@timestamp", "EventReceivedTime")
    assert event_of(document, zone=timezone(timedelta(hours=8)))["@timestamp"] == "2026-01-31T08:15:30.000Z"
