"""What Winlogbeat, Azure Monitor and flat documents ship becomes the event that Windows wrote."""

import copy
from datetime import timedelta, timezone
from typing import Any

import pytest

from collectors.record import Reason
from tests.collectors.normalizers.windows.shipped import FLAT, NXLOG, SENTINEL, WINLOGBEAT, One, Run, without


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
