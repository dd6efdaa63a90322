"""``auditd.log``: the Linux audit log of the two portal servers, collected by audisp (``node=`` first)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from random import Random

from samples.generate import story
from samples.generate.clock import ROUND_THE_CLOCK, after, every, moments

Line = tuple[datetime, str]

_UNSET = 4294967295
_WEB_USER = 33


@dataclass(frozen=True, slots=True)
class Execution:
    """A program that was started: which host, which user (login user and effective user), which command line."""

    host: str
    login_user: int
    user: int
    executable: str
    arguments: tuple[str, ...]


_ROUTINE = (
    Execution(story.WEB.name, 1001, 0, "/usr/bin/systemctl", ("systemctl", "status", "nginx")),
    Execution(story.SECOND_WEB.name, 1002, 1002, "/usr/bin/bash", ("-bash",)),
    Execution(story.WEB.name, _UNSET, 0, "/usr/bin/dash", ("/bin/sh", "-c", "run-parts --report /etc/cron.hourly")),
    Execution(story.SECOND_WEB.name, _UNSET, _WEB_USER, "/usr/bin/convert", ("convert", "in.jpg", "out.jpg")),
)
_SHELL_COMMANDS = ("id", "uname -a", "cat /etc/passwd", "ip addr", "ls -la /opt/portal", "cat /opt/portal/conf/db.yml")


def render() -> bytes:
    """The file's bytes."""
    random = Random("auditd.log")
    lines: list[Line] = []
    started = [(moment, random.choice(_ROUTINE)) for moment in moments(random, 110, ROUND_THE_CLOCK)]
    for serial, (moment, execution) in enumerate(sorted([*started, *_attack(random)], key=itemgetter(0)), 48_210):
        lines += _records(moment, serial, execution, random)
    return "".join(f"{line}\n" for _, line in lines).encode()


def _attack(random: Random) -> list[tuple[datetime, Execution]]:
    begun = every(story.SHELL_USE, after(story.SHELL_USE, 200 * (len(_SHELL_COMMANDS) - 1)), 200, random, jitter=60)
    return [
        (moment, Execution(story.WEB.name, _UNSET, _WEB_USER, "/usr/bin/dash", ("/bin/sh", "-c", command)))
        for moment, command in zip(begun, _SHELL_COMMANDS, strict=True)
    ]


def _records(moment: datetime, serial: int, execution: Execution, random: Random) -> list[Line]:
    stamp = f"msg=audit({int(moment.timestamp())}.{moment.microsecond // 1000:03d}:{serial}):"
    node = f"node={execution.host}"
    user = execution.user
    same = " ".join(f"{name}={user}" for name in ("uid", "gid", "euid", "suid", "fsuid", "egid", "sgid", "fsgid"))
    name = execution.executable.rpartition("/")[2]
    program = "sh" if name == "dash" else name
    session = _UNSET if execution.login_user == _UNSET else random.randrange(20, 90)
    call = (
        f"arch=c000003e syscall=59 success=yes exit=0 "
        f"a0=55d0c{random.getrandbits(24):06x} a1=55d0c1a2b3 a2=0 a3=8 items=2 "
        f"ppid={random.randrange(800, 3000)} pid={random.randrange(3000, 60000)} auid={execution.login_user} {same} "
        f'tty=(none) ses={session} comm="{program}" exe="{execution.executable}" subj=unconfined key="exec"'
    )
    given = " ".join(f"a{number}={_quoted(value)}" for number, value in enumerate(execution.arguments))
    records = (
        f"{node} type=SYSCALL {stamp} {call}",
        f"{node} type=EXECVE {stamp} argc={len(execution.arguments)} {given}",
        f'{node} type=CWD {stamp} cwd="/opt/portal"',
        f"{node} type=PROCTITLE {stamp} proctitle={chr(0).join(execution.arguments).encode().hex().upper()}",
    )
    return [(moment, record) for record in records]


def _quoted(value: str) -> str:
    """As the kernel writes an argument: in quotes, or as hexadecimal digits where it holds a space."""
    return value.encode().hex().upper() if " " in value else f'"{value}"'
