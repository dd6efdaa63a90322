from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.normalizers.linux.audit_record import parse_audit_record
from events import Event

One = Callable[..., Event]

EPOCH = "msg=audit(1772186400.123:4711):"
TIME = "2026-02-27T10:00:00.123Z"


def test_syscall(event_of: One) -> None:
    event = event_of(
        f"type=SYSCALL {EPOCH} arch=c000003e syscall=59 success=yes exit=0 a0=55 items=2 ppid=10 pid=11 uid=0 "
        'tty=pts0 comm="cat" exe="/usr/bin/cat" key="shadow"\x1dARCH=x86_64 SYSCALL=execve AUID="alice" UID="root"'
    )
    expected = {
        "@timestamp": TIME,
        "auditd.data.SYSCALL": "execve",
        "auditd.data.a0": "55",
        "auditd.data.exe": "/usr/bin/cat",
        "auditd.data.key": "shadow",
        "auditd.data.AUID": "alice",
        "auditd.data.type": "SYSCALL",
        "auditd.sequence": "4711",
        "event.action": "syscall",
        "event.dataset": "linux.auditd",
        "event.outcome": "success",
        "process.executable": "/usr/bin/cat",
        "process.name": "cat",
        "process.parent.pid": 10,
        "process.pid": 11,
        "user.id": "0",
        "user.name": "root",
    }
    assert {name: event.get(name) for name in expected} == expected


def test_arguments_of_execve_in_their_order_and_decoded(event_of: One) -> None:
    arguments = " ".join(f'a{number}="{number}"' for number in range(1, 11))
    event = event_of(f'type=EXECVE {EPOCH} argc=12 a0="sh" {arguments} a11=6C73202D6C')
    assert event["process.args"] == ["sh", *map(str, range(1, 11)), "ls -l"]
    assert event["process.command_line"] == "sh 1 2 3 4 5 6 7 8 9 10 ls -l"
    assert event["auditd.data.a11"] == "ls -l"


def test_registers_of_a_syscall_are_not_taken_for_encoded_text(event_of: One) -> None:
    assert event_of(f"type=SYSCALL {EPOCH} a0=6C73 pid=6C")["auditd.data.a0"] == "6C73"


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        (f"type=PROCTITLE {EPOCH} proctitle=636174002F6574632F736861646F77", "process.title", "cat /etc/shadow"),
        (f"type=PATH {EPOCH} item=0 name=2F686F6D652FE4B8AD nametype=CREATE", "file.path", "/home/中"),
        (f'type=CWD {EPOCH} cwd="/root"', "process.working_directory", "/root"),
        (f'node=db1 type=CWD {EPOCH} cwd="/root"', "host.name", "db1"),
        (f'Feb 27 10:00:00 web9 audispd: type=CWD {EPOCH} cwd="/"', "host.name", "web9"),
        ('<13>Feb 27 10:00:00 web9 kernel: audit: type=1400 audit(1772186400.123:7): apparmor="DENIED"',
         "auditd.data.apparmor", "DENIED"),
        (f"type=FANCY_NEW {EPOCH} x=1", "event.action", "fancy_new"),
    ],
)  # fmt: skip
def test_one_field(event_of: One, line: str, name: str, value: str) -> None:
    event = event_of(line)
    assert (event["@timestamp"], event[name]) == (TIME, value)


def test_what_a_program_reports_stands_beside_the_kernels_fields(event_of: One) -> None:
    event = event_of(
        f'type=USER_LOGIN {EPOCH} pid=9 uid=0 auid=4294967295 msg=\'op=login acct="alice" exe="/usr/sbin/sshd" '
        "hostname=? addr=192.0.2.7 terminal=ssh res=failed'"
    )
    expected = {
        "auditd.data.acct": "alice",
        "auditd.data.op": "login",
        "auditd.data.res": "failed",
        "event.action": "logged-in",
        "event.category": ["authentication"],
        "event.outcome": "failure",
        "process.executable": "/usr/sbin/sshd",
        "source.ip": "192.0.2.7",
        "user.name": "alice",
    }
    assert {name: event.get(name) for name in expected} == expected


@given(st.text(st.characters(exclude_characters='"\x1d', exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_names_written_in_hexadecimal_come_back(text: str) -> None:
    record = parse_audit_record(f"type=PATH {EPOCH} name={text.encode().hex().upper()} inode=5")
    assert record.fields["name"] == text.replace("\0", " ").replace("\x01", " ").rstrip()
    assert record.fields["inode"] == "5"


@given(st.text(max_size=200))
def test_any_text_behind_the_head_parses(text: str) -> None:
    record = parse_audit_record(f"type=EXECVE {EPOCH} {text}")
    assert record.serial == "4711"
