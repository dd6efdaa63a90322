from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from collectors.record import NormalizedBatch, Reason
from events import Event

Run = Callable[..., NormalizedBatch]
One = Callable[..., Event]

PROCESS_CREATION = {
    "Event": {
        "#attributes": {"xmlns": "http://schemas.microsoft.com/win/2004/08/events/event"},
        "System": {
            "Provider": {"#attributes": {"Name": "Microsoft-Windows-Sysmon", "Guid": "{5770385f}"}},
            "EventID": 1,
            "Version": 5,
            "Level": 4,
            "Task": 1,
            "Opcode": 0,
            "Keywords": "0x8000000000000000",
            "TimeCreated": {"#attributes": {"SystemTime": "2026-02-01T08:15:30.1239876Z"}},
            "EventRecordID": 4711,
            "Correlation": None,
            "Execution": {"#attributes": {"ProcessID": 3200, "ThreadID": 1700}},
            "Channel": "Microsoft-Windows-Sysmon/Operational",
            "Computer": "pc1.city.example",
            "Security": {"#attributes": {"UserID": "S-1-5-18"}},
        },
        "EventData": {
            "UtcTime": "2026-02-01 08:15:30.100",
            "ProcessGuid": "{0197231e}",
            "ProcessId": 15596,
            "Image": "C:\\Windows\\System32\\cmd.exe",
            "CommandLine": "cmd /c whoami",
            "User": "CITY\\li.lei",
            "Hashes": "SHA1=AA,MD5=BB,SHA256=CC,IMPHASH=DD",
            "ParentImage": "C:\\Windows\\explorer.exe",
            "ParentProcessId": "0x1a4",
            "TerminalSessionId": 1,
        },
    }
}


@pytest.fixture
def document() -> dict[str, Any]:
    return copy.deepcopy(PROCESS_CREATION)


def test_head_of_the_event(event_of: One) -> None:
    event = event_of(PROCESS_CREATION)
    head = {name: value for name, value in event.items() if name.startswith("winlog.") and ".event_data." not in name}
    assert head == {
        "winlog.channel": "Microsoft-Windows-Sysmon/Operational",
        "winlog.computer_name": "pc1.city.example",
        "winlog.event_id": "1",
        "winlog.keywords": "0x8000000000000000",
        "winlog.level": "4",
        "winlog.opcode": "0",
        "winlog.process.pid": 3200,
        "winlog.process.thread.id": 1700,
        "winlog.provider_guid": "{5770385f}",
        "winlog.provider_name": "Microsoft-Windows-Sysmon",
        "winlog.record_id": "4711",
        "winlog.task": "1",
        "winlog.time_created": "2026-02-01T08:15:30.1239876Z",
        "winlog.user.identifier": "S-1-5-18",
        "winlog.version": "5",
    }


def test_every_field_of_event_data_keeps_its_name_and_shows_as_text(event_of: One) -> None:
    event = event_of(PROCESS_CREATION)
    data = {name[18:]: value for name, value in event.items() if name.startswith("winlog.event_data.")}
    assert data == {name: str(value) for name, value in PROCESS_CREATION["Event"]["EventData"].items()}


def test_ecs_names_of_a_process_creation(event_of: One) -> None:
    event = event_of(PROCESS_CREATION)
    expected = {
        "@timestamp": "2026-02-01T08:15:30.123Z",
        "event.action": "process-created",
        "event.category": ["process"],
        "event.code": "1",
        "event.dataset": "windows.sysmon_operational",
        "event.module": "windows",
        "event.provider": "Microsoft-Windows-Sysmon",
        "event.type": ["start"],
        "host.name": "pc1.city.example",
        "host.os.type": "windows",
        "log.level": "information",
        "process.command_line": "cmd /c whoami",
        "process.entity_id": "{0197231e}",
        "process.executable": "C:\\Windows\\System32\\cmd.exe",
        "process.hash.md5": "bb",
        "process.hash.sha1": "aa",
        "process.hash.sha256": "cc",
        "process.name": "cmd.exe",
        "process.parent.executable": "C:\\Windows\\explorer.exe",
        "process.parent.name": "explorer.exe",
        "process.parent.pid": 420,
        "process.pe.imphash": "dd",
        "process.pid": 15596,
        "user.domain": "CITY",
        "user.name": "li.lei",
    }
    assert {name: event.get(name) for name in expected} == expected


def test_an_id_with_qualifiers_is_the_number_alone(document: dict[str, Any], event_of: One) -> None:
    document["Event"]["System"]["EventID"] = {"#attributes": {"Qualifiers": 16384}, "#text": 7036}
    assert event_of(document)["event.code"] == "7036"


def test_attributes_marked_with_at_as_xml_converters_write_them(document: dict[str, Any], event_of: One) -> None:
    system = document["Event"]["System"]
    system["Provider"] = {"@Name": "P"}
    system["TimeCreated"] = {"@SystemTime": "2026-02-01T08:15:30.5Z"}
    event = event_of(document)
    assert (event["winlog.provider_name"], event["@timestamp"]) == ("P", "2026-02-01T08:15:30.500Z")


def test_named_data_elements_go_by_their_names_and_unnamed_ones_together(
    document: dict[str, Any], event_of: One
) -> None:
    document["Event"]["EventData"] = {
        "Data": [
            {"#attributes": {"Name": "Image"}, "#text": "C:\\x.exe"},
            {"@Name": "Empty"},
            {"#text": "first"},
            "second",
        ],
        "Binary": None,
    }
    event = event_of(document)
    data = {name[18:]: value for name, value in event.items() if name.startswith("winlog.event_data.")}
    assert data == {"Image": "C:\\x.exe", "Data": ["first", "second"]}


@pytest.mark.parametrize(
    ("data", "expected"),
    [({"#text": ["a", "b"]}, ["a", "b"]), ({"#text": "a"}, "a"), ("a", "a"), (["a", "b"], ["a", "b"])],
)
def test_unnamed_data(document: dict[str, Any], event_of: One, data: object, expected: object) -> None:
    document["Event"]["EventData"] = {"Data": data}
    assert event_of(document)["winlog.event_data.Data"] == expected


def test_user_data_stands_beside_event_data(document: dict[str, Any], event_of: One) -> None:
    system = document["Event"]["System"]
    system |= {"EventID": "1102", "Channel": "Security"}
    document["Event"] |= {
        "EventData": None,
        "UserData": {
            "LogFileCleared": {"#attributes": {"xmlns": "x"}, "SubjectUserName": "han", "SubjectUserSid": "S-1"}
        },
    }
    event = event_of(document)
    assert event["winlog.user_data.xml_name"] == "LogFileCleared"
    assert event["winlog.event_data.SubjectUserName"] == event["user.name"] == "han"
    assert event["event.action"] == "audit-log-cleared"
    assert not [name for name in event if "xmlns" in name]


def test_without_system_time_sysmon_says_it(document: dict[str, Any], event_of: One) -> None:
    document["Event"]["System"]["TimeCreated"] = None
    assert event_of(document)["@timestamp"] == "2026-02-01T08:15:30.100Z"


def test_without_any_time_it_is_a_dead_letter(document: dict[str, Any], run: Run) -> None:
    document["Event"]["System"]["TimeCreated"] = None
    document["Event"]["EventData"] = None
    assert [letter.reason for letter in run(document).dead_letters] == [Reason.NO_TIME]


def test_an_event_without_its_wrapper_is_known(event_of: One) -> None:
    assert event_of(PROCESS_CREATION["Event"])["event.code"] == "1"


def test_rendered_message_is_kept(document: dict[str, Any], event_of: One) -> None:
    document["Event"]["RenderingInfo"] = {"Message": "Process Create", "Level": "Information"}
    assert event_of(document)["message"] == "Process Create"
