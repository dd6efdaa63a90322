from __future__ import annotations

from collections.abc import Callable
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.normalizers.chain import normalize
from collectors.normalizers.contract import SourceContext
from collectors.normalizers.linux.messages import interpret, message_tables
from collectors.record import NormalizedBatch, Reason, Record, RecordBatch
from events import Event

Run = Callable[..., NormalizedBatch]
One = Callable[..., Event]

HEAD = "Feb 27 10:00:00 web01"


def test_header_and_message(event_of: One) -> None:
    event = event_of(
        '<86>1 2026-02-27T10:00:00.123Z web01 sshd 77 ID1 [o@1 k="v"] Server listening on 0.0.0.0 port 22.'
    )
    expected = {
        "@timestamp": "2026-02-27T10:00:00.123Z",
        "event.action": "ssh_server_listening",
        "event.dataset": "linux.auth",
        "event.module": "linux",
        "host.name": "web01",
        "log.level": "informational",
        "log.syslog.appname": "sshd",
        "log.syslog.facility.code": 10,
        "log.syslog.facility.name": "authpriv",
        "log.syslog.hostname": "web01",
        "log.syslog.msgid": "ID1",
        "log.syslog.priority": 86,
        "log.syslog.procid": "77",
        "log.syslog.severity.code": 6,
        "log.syslog.severity.name": "informational",
        "log.syslog.structured_data.o@1.k": "v",
        "log.syslog.version": "1",
        "message": "Server listening on 0.0.0.0 port 22.",
        "process.name": "sshd",
        "process.pid": 77,
        "server.port": 22,
    }
    assert {name: event.get(name) for name in expected} == expected


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        (
            "sshd[1]: Accepted password for alice from 192.0.2.7 port 40022 ssh2",
            {"event.action": "ssh_login", "event.outcome": "success", "user.name": "alice", "source.ip": "192.0.2.7",
             "source.port": 40022, "sshd.method": "password"},
        ),
        (
            "sshd-session[1]: Failed password for invalid user admin from 2001:db8::7 port 40022 ssh2",
            {"event.action": "ssh_login", "event.outcome": "failure", "user.name": "admin", "source.ip": "2001:db8::7",
             "event.reason": "invalid user"},
        ),
        (
            "sshd[1]: Invalid user guest from 192.0.2.7 port 4000",
            {"event.action": "ssh_invalid_user", "user.name": "guest", "source.port": 4000},
        ),
        (
            "sshd[1]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=s ruser= rhost=h.x user=a",
            {"event.action": "pam_authentication", "event.outcome": "failure", "user.name": "a",
             "source.domain": "h.x", "pam.service": "sshd", "pam.tty": "s"},
        ),
        (
            "su(pam_unix)[1]: session opened for user news by (uid=0)",
            {"event.action": "session_opened", "user.name": "news", "process.name": "su"},
        ),
        (
            "sudo:   alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/cat /etc/shadow",
            {"event.action": "sudo_command", "event.outcome": "success", "user.name": "alice",
             "user.effective.name": "root", "sudo.command": "/usr/bin/cat /etc/shadow", "sudo.tty": "pts/0",
             "sudo.pwd": "/home/alice", "process.command_line": "/usr/bin/cat /etc/shadow"},
        ),
        (
            "sudo: mallory : user NOT in sudoers ; TTY=pts/1 ; PWD=/tmp ; USER=root ; COMMAND=/bin/sh",
            {"event.action": "sudo_command", "event.outcome": "failure", "event.reason": "user NOT in sudoers",
             "user.name": "mallory"},
        ),
        (
            "su[1]: FAILED SU (to root) alice on pts/2",
            {"event.action": "su", "event.outcome": "failure", "user.name": "alice", "user.effective.name": "root"},
        ),
        (
            "useradd[1]: new user: name=eve, UID=1002, GID=1002, home=/home/eve, shell=/bin/bash, from=/dev/pts/0",
            {"event.action": "added-user-account", "user.target.name": "eve", "user.target.id": "1002"},
        ),
        (
            "usermod[1]: add 'eve' to group 'sudo'",
            {"event.action": "added-member-to-group", "user.target.name": "eve", "group.name": "sudo"},
        ),
        ("userdel[1]: delete user 'eve'", {"event.action": "deleted-user-account", "user.target.name": "eve"}),
        (
            "CRON[1]: (root) CMD (test -x /usr/sbin/anacron)",
            {"event.action": "cron_command", "user.name": "root", "process.command_line": "test -x /usr/sbin/anacron",
             "process.name": "cron"},
        ),
        ("kernel: eth0: link up", {"event.dataset": "linux.syslog", "message": "eth0: link up"}),
    ],
)  # fmt: skip
def test_what_programs_say(event_of: One, tail: str, expected: object) -> None:
    event = event_of(f"{HEAD} {tail}")
    assert {name: event.get(name) for name in expected} == expected


def test_a_user_name_made_to_look_like_a_source_does_not_pass_for_one(event_of: One) -> None:
    tail = "sshd[1]: Failed password for invalid user x from 203.0.113.1 port 22 ssh2 from 192.0.2.66 port 4444 ssh2"
    event = event_of(f"{HEAD} {tail}")
    assert (event["source.ip"], event["source.port"]) == ("192.0.2.66", 4444)


def test_a_header_whose_date_is_none_is_a_dead_letter(run: Run) -> None:
    assert [letter.reason for letter in run("Feb 30 10:00:00 h app: x").dead_letters] == [Reason.NO_TIME]


def test_every_program_has_its_table() -> None:
    tables = message_tables()
    assert set(tables.programs.values()) <= tables.tables.keys()


@given(st.sampled_from(sorted(message_tables().programs)), st.text(max_size=300))
def test_any_message_is_interpreted_without_error(program: str, message: str) -> None:
    assert all(value not in (None, "") for value in interpret(program, message).values())


def test_a_message_made_to_stall_the_patterns_is_left_alone_quickly() -> None:
    hostile = "x : TTY= ; PWD=" + " ; USER= ; ENV=" * 270
    assert interpret("sudo", hostile) == {}


def test_a_received_message_without_time_happened_when_it_was_received() -> None:
    context = SourceContext("s", "i", zone=UTC, reference_ms=1_772_186_400_000)
    pushed = [
        Record(0, b"", text="<13>up", peer="192.0.2.1:514"),
        Record(1, b"", text="<13>2026/2/1 8:00 up", peer="p"),
    ]
    events = normalize(RecordBatch("s", "i", pushed, []), context).events
    assert [(event["@timestamp"], event.get("fengsui.time.quality")) for event in events] == [
        ("2026-02-27T10:00:00.000Z", "received"),
        ("2026-02-01T08:00:00.000Z", None),
    ]


def test_a_line_read_from_a_file_without_time_is_a_dead_letter(run: Run) -> None:
    assert [letter.reason for letter in run("<13>up").dead_letters] == [Reason.NO_TIME]
