from __future__ import annotations

from collections.abc import Callable

from collectors.record import NormalizedBatch, Reason
from events import Event

Run = Callable[..., NormalizedBatch]
One = Callable[..., Event]

ENTRY = {
    "__CURSOR": "s=1",
    "__REALTIME_TIMESTAMP": "1772186400456789",
    "_SOURCE_REALTIME_TIMESTAMP": "1772186400123456",
    "_BOOT_ID": "b",
    "_HOSTNAME": "web01",
    "_COMM": "sshd",
    "_EXE": "/usr/sbin/sshd",
    "_PID": "77",
    "_UID": "0",
    "_SYSTEMD_UNIT": "ssh.service",
    "SYSLOG_IDENTIFIER": "sshd",
    "SYSLOG_FACILITY": "10",
    "PRIORITY": "6",
    "MESSAGE": "Accepted password for alice from 192.0.2.7 port 40022 ssh2",
}


def test_entry(event_of: One) -> None:
    event = event_of(ENTRY)
    expected = {
        "@timestamp": "2026-02-27T10:00:00.123Z",
        "event.action": "ssh_login",
        "event.dataset": "linux.auth",
        "event.outcome": "success",
        "host.name": "web01",
        "journald._SYSTEMD_UNIT": "ssh.service",
        "log.level": "informational",
        "message": ENTRY["MESSAGE"],
        "process.executable": "/usr/sbin/sshd",
        "process.name": "sshd",
        "process.pid": 77,
        "service.name": "ssh.service",
        "source.ip": "192.0.2.7",
        "user.name": "alice",
    }
    assert {name: event.get(name) for name in expected} == expected


def test_a_message_exported_as_bytes_is_read(event_of: One) -> None:
    event = event_of({**ENTRY, "MESSAGE": list("登录 ok".encode())})
    assert event["message"] == "登录 ok"


def test_a_time_that_is_no_number_is_a_dead_letter(run: Run) -> None:
    broken = {**ENTRY, "__REALTIME_TIMESTAMP": "now", "_SOURCE_REALTIME_TIMESTAMP": ""}
    assert [letter.reason for letter in run(broken).dead_letters] == [Reason.NO_TIME]
