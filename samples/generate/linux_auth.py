"""``sshd.log``: sshd, sudo, PAM and cron of the Linux hosts, as rsyslog writes them (RFC 3164, local time, no year)."""

from __future__ import annotations

from datetime import datetime
from operator import itemgetter
from random import Random

from samples.generate import story
from samples.generate.clock import ROUND_THE_CLOCK, after, every, moments, syslog_stamp

Line = tuple[datetime, str, str]
"""When, which host, and the message with its tag."""

_GUESSED_NAMES = ("admin", "test", "oracle", "git", "ubuntu", "postgres", "deploy", "hadoop", "user1", "guest")
_ROUTINE_COMMANDS = (
    "/usr/bin/systemctl status nginx",
    "/usr/bin/tail -n 200 /var/log/nginx/error.log",
    "/usr/bin/apt-get update",
    "/usr/sbin/logrotate -f /etc/logrotate.d/portal",
    "/usr/bin/df -h",
)
_JOBS = ("/usr/lib/sysstat/debian-sa1 1 1", "cd / && run-parts --report /etc/cron.hourly", "/opt/backup/nightly.sh")
_CUT_LINE = "Nov 18 14:"
"""What a full disk left of a line."""


def render() -> bytes:
    """The file's bytes."""
    random = Random("sshd.log")
    lines = [*_cron(random), *_operators(random), *_mistyped_names(random), *_brute_force(random), *_intrusion()]
    text = [f"{syslog_stamp(moment)} {host} {message}" for moment, host, message in sorted(lines, key=itemgetter(0))]
    text.insert(len(text) * 2 // 3, _CUT_LINE)
    return ("\n".join(text) + "\n").encode()


def _cron(random: Random) -> list[Line]:
    lines: list[Line] = []
    for moment in moments(random, 180, ROUND_THE_CLOCK):
        host, tag = random.choice(story.LINUX_HOSTS).name, f"CRON[{random.randrange(1000, 60000)}]"
        opened = "pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)"
        lines.append((moment, host, f"{tag}: {opened}"))
        lines.append((moment, host, f"{tag}: (root) CMD ({random.choice(_JOBS)})"))
        lines.append((after(moment, 1), host, f"{tag}: pam_unix(cron:session): session closed for user root"))
    return lines


def _operators(random: Random) -> list[Line]:
    lines: list[Line] = []
    for moment in moments(random, 70):
        number = random.randrange(len(story.OPERATORS))
        user, address = story.OPERATORS[number], story.OPERATOR_ADDRESSES[number]
        host, tag = random.choice(story.LINUX_HOSTS).name, f"sshd[{random.randrange(1000, 60000)}]"
        lines += _login(moment, (host, tag, user), f"{address} port {random.randrange(20000, 60000)}")
        if random.randrange(2):
            lines += _sudo(after(moment, 40), host, user, random.choice(_ROUTINE_COMMANDS))
        ended = f"{tag}: pam_unix(sshd:session): session closed for user {user}"
        lines.append((after(moment, random.randrange(120, 1500)), host, ended))
    return lines


def _login(moment: datetime, session: tuple[str, str, str], origin: str) -> list[Line]:
    host, tag, user = session
    key = "SHA256:Zm9vYmFyLWZpY3RpdGlvdXMta2V5LW9mLW9wZXJhdG9y"
    return [
        (moment, host, f"{tag}: Accepted publickey for {user} from {origin} ssh2: ED25519 {key}"),
        (moment, host, f"{tag}: pam_unix(sshd:session): session opened for user {user}(uid=1001) by (uid=0)"),
    ]


def _sudo(moment: datetime, host: str, user: str, command: str) -> list[Line]:
    return [
        (moment, host, f"sudo: {user} : TTY=pts/1 ; PWD=/home/{user} ; USER=root ; COMMAND={command}"),
        (moment, host, f"sudo: pam_unix(sudo:session): session opened for user root(uid=0) by {user}(uid=1001)"),
        (after(moment, 2), host, "sudo: pam_unix(sudo:session): session closed for user root"),
    ]


def _mistyped_names(random: Random) -> list[Line]:
    """Colleagues who mistype a name or a password inside the network."""
    lines: list[Line] = []
    for moment in moments(random, 6):
        origin = f"{random.choice(story.OPERATOR_ADDRESSES)} port {random.randrange(20000, 60000)}"
        tag = f"sshd[{random.randrange(1000, 60000)}]"
        lines.append((moment, story.BASTION.name, f"{tag}: Invalid user opss01 from {origin}"))
        lines.append((after(moment, 4), story.BASTION.name, f"{tag}: Failed password for ops01 from {origin} ssh2"))
    return lines


def _brute_force(random: Random) -> list[Line]:
    lines: list[Line] = []
    for moment in every(story.BRUTE_FORCE_BEGIN, story.BRUTE_FORCE_END, 10, random, jitter=4):
        origin = f"{story.ATTACKER} port {random.randrange(20000, 60000)}"
        tag = f"sshd[{random.randrange(1000, 60000)}]"
        lines += _guess(moment, tag, origin, random)
    return lines


def _guess(moment: datetime, tag: str, origin: str, random: Random) -> list[Line]:
    host = story.BASTION.name
    if random.randrange(3) == 0:
        user, account = "root", "root"
        lines: list[Line] = []
    else:
        user = random.choice(_GUESSED_NAMES)
        account = f"invalid user {user}"
        lines = [(moment, host, f"{tag}: Invalid user {user} from {origin}")]
    failure = f"authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost={story.ATTACKER}"
    lines.append((after(moment, 0.2), host, f"{tag}: pam_unix(sshd:auth): {failure}"))
    lines.append((after(moment, 2), host, f"{tag}: Failed password for {account} from {origin} ssh2"))
    return lines


def _intrusion() -> list[Line]:
    host, user, tag = story.BASTION.name, story.STOLEN_ACCOUNT, "sshd[48213]"
    opened = f"pam_unix(sshd:session): session opened for user {user}(uid=1009) by (uid=0)"
    return [
        (story.INTRUSION_LOGIN, host, f"{tag}: Accepted password for {user} from {story.ATTACKER} port 44170 ssh2"),
        (story.INTRUSION_LOGIN, host, f"{tag}: {opened}"),
        *_sudo(story.INTRUSION_SUDO, host, user, "/bin/bash -i")[:2],
    ]
