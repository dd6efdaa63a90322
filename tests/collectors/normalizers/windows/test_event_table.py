from __future__ import annotations

import pytest

from collectors.normalizers.windows.conversions import CONVERSIONS
from collectors.normalizers.windows.event_table import event_table, plan_of
from events import Event


def test_every_rule_names_a_kind_and_every_entry_a_field_set() -> None:
    table = event_table()
    for rules in table.fields.values():
        assert all(rule.split()[0] in CONVERSIONS and len(rule.split()) == 2 for rule in rules.values())
    for channel in table.channels.values():
        named = set(channel.fields).union(*(entry.fields for entry in channel.events.values()))
        assert named <= table.fields.keys()


@pytest.mark.parametrize(
    ("channel", "dataset"),
    [
        ("Security", "windows.security"),
        ("security", "windows.security"),
        ("Windows PowerShell", "windows.powershell"),
        ("Microsoft-Windows-Windows Defender/Operational", "windows.windows_defender_operational"),
        ("Directory Service", "windows.directory_service"),
        ("", "windows.unknown"),
    ],
)
def test_datasets_by_channel(channel: str, dataset: str | None) -> None:
    assert plan_of(channel, "1").constants["event.dataset"] == dataset


def converted(kind: str, value: str, target: str) -> Event:
    event: Event = {}
    CONVERSIONS[kind](event, value, target)
    return event


@pytest.mark.parametrize(
    ("kind", "value", "target", "expected"),
    [
        ("number", "0x1A4", "process.pid", {"process.pid": 420}),
        ("number", "12", "process.pid", {"process.pid": 12}),
        ("number", "twelve", "process.pid", {}),
        ("number", "0x" + "f" * 40, "process.pid", {}),
        ("address", "::FFFF:192.0.2.1", "source", {"source.ip": "192.0.2.1"}),
        ("address", "2001:DB8::1", "source", {"source.ip": "2001:db8::1"}),
        ("address", "LOCAL", "source", {}),
        ("port", "²", "source", {}),
        ("account", "NT AUTHORITY\\SYSTEM", "user", {"user.name": "SYSTEM", "user.domain": "NT AUTHORITY"}),
        ("account", "alone", "user", {"user.name": "alone"}),
        ("hashes", "MD5=AB,nonsense,SHA999=1", "file", {"file.hash.md5": "ab"}),
        ("transport", "17", "network.transport", {"network.transport": "udp"}),
        (
            "registry",
            "HKLM\\Software\\Run\\evil",
            "registry",
            {
                "registry.path": "HKLM\\Software\\Run\\evil",
                "registry.hive": "HKLM",
                "registry.key": "Software\\Run",
                "registry.value": "evil",
            },
        ),
        (
            "answers",
            "type:  5 a.example;::ffff:192.0.2.7;2001:db8::7;",
            "dns",
            {
                "dns.answers.data": ["a.example", "::ffff:192.0.2.7", "2001:db8::7"],
                "dns.resolved_ip": ["192.0.2.7", "2001:db8::7"],
            },
        ),
    ],
)
def test_conversions(kind: str, value: str, target: str, expected: object) -> None:
    assert converted(kind, value, target) == expected


def test_a_dash_and_an_endless_text_are_not_converted_but_kept() -> None:
    endless = "C:\\" + "a" * 100_000
    event = {"winlog.event_data.Image": endless, "winlog.event_data.User": "-"}
    plan_of("Microsoft-Windows-Sysmon/Operational", "5").apply(event)
    assert event["winlog.event_data.Image"] == endless
    assert "process.executable" not in event
    assert "user.name" not in event
