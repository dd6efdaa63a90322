"""One sign-in as several shippers write it."""

from collections.abc import Callable
from typing import Any

import orjson

from collectors.record import NormalizedBatch
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
