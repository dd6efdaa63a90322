from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import timedelta, timezone
from typing import Any

import orjson
import pytest

from collectors.record import NormalizedBatch, Reason
from events import Event

Run = Callable[..., NormalizedBatch]
One = Callable[..., Event]

NXLOG = {
    "EventTime": "2026-01-31 16:15:30",
    "EventReceivedTime": "2026-01-31 16:15:32",
    "@timestamp": "2026-01-31T21:15:33.100Z",
    "Hostname": "dc1",
    "Keywords": -9214364837600034816,
    "EventType": "AUDIT_SUCCESS",
    "SeverityValue": 2,
    "Severity": "INFO",
    "EventID": 4688,
    "SourceName": "Microsoft-Windows-Security-Auditing",
    "ProviderGuid": "{54849625}",
    "Version": 2,
    "Task": 13312,
    "OpcodeValue": 0,
    "RecordNumber": 99,
    "ExecutionProcessID": 4,
    "ThreadID": 8,
    "Channel": "Security",
    "Category": "Process Creation",
    "SubjectUserName": "wang",
    "SubjectDomainName": "CITY",
    "NewProcessName": "C:\\Windows\\System32\\net.exe",
    "NewProcessId": "0x7d8",
    "ProcessId": "0x1a4",
    "CommandLine": "net user",
    "tags": ["a", "b"],
    "port": 1514,
}
FLAT = {
    "SourceName": "Microsoft-Windows-Sysmon",
    "ProviderGuid": "{5770385f}",
    "Level": "4",
    "Keywords": "0x8000000000000000",
    "Channel": "Microsoft-Windows-Sysmon/Operational",
    "Hostname": "pc2",
    "TimeCreated": "2026-02-01T08:15:30.123Z",
    "@timestamp": "2026-02-01T08:15:40.000Z",
    "EventID": 3,
    "Message": "Network connection detected",
    "Task": "3",
    "UtcTime": "2026-02-01 08:15:29.001",
    "Protocol": "tcp",
    "Initiated": "true",
    "SourceIp": "10.0.0.5",
    "SourcePort": "50123",
    "DestinationIp": "::ffff:203.0.113.9",
    "DestinationPort": "443",
    "Image": "C:\\Users\\a\\x.exe",
    "UserData": None,
}
WINLOGBEAT = {
    "@timestamp": "2026-02-01T08:15:30.123Z",
    "ecs": {"version": "8.0.0"},
    "event": {"code": "4625", "kind": "event", "provider": "Microsoft-Windows-Security-Auditing", "outcome": "failure"},
    "host": {"name": "collector1"},
    "agent": {"type": "winlogbeat"},
    "log": {"level": "information"},
    "message": "An account failed to log on.",
    "winlog": {
        "channel": "Security",
        "computer_name": "dc1.city.example",
        "event_id": 4625,
        "keywords": ["Audit Failure"],
        "process": {"pid": 700, "thread": {"id": 12}},
        "provider_name": "Microsoft-Windows-Security-Auditing",
        "record_id": 5,
        "event_data": {
            "TargetUserName": "zhao",
            "TargetDomainName": "CITY",
            "IpAddress": "192.0.2.55",
            "IpPort": "0",
            "LogonType": 3,
            "Status": "0xc000006d",
        },
    },
}
SENTINEL = {
    "TimeGenerated": "2026-02-01T08:15:30.123Z",
    "TenantId": "t",
    "Provider": "Microsoft-Windows-Sysmon",
    "Channel": "Microsoft-Windows-Sysmon/Operational",
    "Computer": "pc3",
    "EventLevel": 4,
    "EventID": 11,
    "EventData": orjson.dumps({"TargetFilename": "C:\\a\\b.txt", "ProcessId": 12}).decode(),
    "Type": "WindowsEvent",
}


def without(document: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}


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


def test_flat(event_of: One) -> None:
    event = event_of(FLAT)
    expected = {
        "@timestamp": "2026-02-01T08:15:30.123Z",
        "destination.ip": "203.0.113.9",
        "destination.port": 443,
        "event.action": "network-connection-detected",
        "event.dataset": "windows.sysmon_operational",
        "message": "Network connection detected",
        "network.direction": "egress",
        "network.transport": "tcp",
        "process.name": "x.exe",
        "source.ip": "10.0.0.5",
        "source.port": 50123,
        "winlog.computer_name": "pc2",
        "winlog.event_data.DestinationIp": "::ffff:203.0.113.9",
        "winlog.event_id": "3",
        "winlog.task": "3",
    }
    assert {name: event.get(name) for name in expected} == expected
    assert "winlog.event_data.UserData" not in event


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"TimeCreated": "2026-02-01 08:15:30.123"}, "2026-02-01T08:15:29.001Z"),  # Sysmon says UTC, the other nothing
        ({"TimeCreated": "2026-02-01 08:15:30.123", "UtcTime": None}, "2026-02-01T08:15:40.000Z"),
        ({"TimeCreated": "2026-02-01 16:15:30", "UtcTime": None, "@timestamp": None}, "2026-02-01T08:15:30.000Z"),
    ],
)
def test_flat_time(event_of: One, changes: dict[str, Any], expected: object) -> None:
    zone = timezone(timedelta(hours=8))
    assert event_of({**FLAT, **changes}, zone=zone)["@timestamp"] == expected


def test_flat_provider_named_source(event_of: One) -> None:
    document = {**without(FLAT, "SourceName"), "Source": "Raccoon", "Channel": "Application", "EventID": "2"}
    event = event_of(document)
    assert event["event.provider"] == event["winlog.event_data.Source"] == "Raccoon"


def test_message_stands_for_the_unnamed_data_of_classic_powershell(event_of: One) -> None:
    classic = {**FLAT, "Channel": "Windows PowerShell", "EventID": 400, "Message": "Engine state … EngineVersion=2.0"}
    assert event_of(classic)["winlog.event_data.Data"] == classic["Message"]
    assert "winlog.event_data.Data" not in event_of(FLAT)


def test_winlogbeat(event_of: One) -> None:
    event = event_of(WINLOGBEAT)
    expected = {
        "@timestamp": "2026-02-01T08:15:30.123Z",
        "agent.type": "winlogbeat",
        "event.action": "logon-failed",
        "event.category": ["authentication"],
        "event.code": "4625",
        "event.dataset": "windows.security",
        "event.module": "windows",
        "event.outcome": "failure",
        "host.name": "dc1.city.example",
        "message": "An account failed to log on.",
        "source.ip": "192.0.2.55",
        "user.name": "zhao",
        "winlog.event_data.LogonType": "3",
        "winlog.event_id": "4625",
        "winlog.keywords": ["Audit Failure"],
        "winlog.process.pid": 700,
        "winlog.record_id": "5",
    }
    assert {name: event.get(name) for name in expected} == expected
    assert "source.port" not in event  # 0 is no port


def test_winlogbeat_with_dotted_names_gives_the_same(event_of: One) -> None:
    from events import flatten  # noqa: PLC0415 (the shape under test)

    nested, dotted = event_of(WINLOGBEAT), event_of(flatten(WINLOGBEAT))
    different = {"event.id", "event.original", "event.ingested"}
    assert without(nested, *different) == without(dotted, *different)


def test_ecs_names_set_by_the_shipper_stand(event_of: One) -> None:
    document = copy.deepcopy(WINLOGBEAT)
    document["user"] = {"name": "set.by.shipper"}
    assert event_of(document)["user.name"] == "set.by.shipper"


def test_winlogbeat_of_old(event_of: One) -> None:
    document = {
        "@timestamp": "2019-02-01T08:15:30.123Z",
        "event_id": 7045,
        "log_name": "System",
        "source_name": "Service Control Manager",
        "computer_name": "pc4",
        "record_number": "17",
        "level": "Information",
        "event_data": {"ServiceName": "evil", "ImagePath": "C:\\e.exe", "AccountName": "LocalSystem"},
        "message": "A service was installed",
    }
    event = event_of(document)
    assert (event["event.action"], event["service.name"], event["host.name"]) == ("service-installed", "evil", "pc4")
    assert event["winlog.event_data.ImagePath"] == "C:\\e.exe"
    assert event["event.dataset"] == "windows.system"


def test_azure_monitor(event_of: One) -> None:
    event = event_of(SENTINEL)
    expected = {
        "@timestamp": "2026-02-01T08:15:30.123Z",
        "event.action": "file-created",
        "event.provider": "Microsoft-Windows-Sysmon",
        "file.name": "b.txt",
        "file.extension": "txt",
        "host.name": "pc3",
        "process.pid": 12,
        "winlog.azure.TenantId": "t",
        "winlog.event_data.TargetFilename": "C:\\a\\b.txt",
        "winlog.level": "4",
    }
    assert {name: event.get(name) for name in expected} == expected


def test_azure_monitor_row_with_columns_of_its_own(event_of: One) -> None:
    row = {
        "TimeGenerated": "2026-02-01T08:15:30Z",
        "Computer": "dc1",
        "EventSourceName": "Microsoft-Windows-Security-Auditing",
        "Channel": "Security",
        "EventID": 4624,
        "TargetUserName": "zhao",
        "IpAddress": "192.0.2.1",
    }
    event = event_of(row)
    assert (event["event.action"], event["user.name"], event["source.ip"]) == ("logged-in", "zhao", "192.0.2.1")


@pytest.mark.parametrize("document", [NXLOG, FLAT, WINLOGBEAT, SENTINEL], ids=["nxlog", "flat", "beats", "azure"])
def test_a_time_that_is_none_is_a_dead_letter(run: Run, document: dict[str, Any]) -> None:
    times = ("@timestamp", "TimeCreated", "EventTime", "EventReceivedTime", "TimeGenerated", "UtcTime")
    broken = document | {name: "yesterday" for name in times if name in document}
    assert [letter.reason for letter in run(broken).dead_letters] == [Reason.NO_TIME]
