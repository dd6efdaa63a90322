"""``firewall.log``: CEF over syslog from the exit firewall, and a Huawei-style device with the year in its stamp."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from random import Random

from samples.generate import story
from samples.generate.beacon import beacons
from samples.generate.clock import (
    ROUND_THE_CLOCK,
    after,
    epoch_milliseconds,
    every,
    moments,
    syslog_stamp,
    syslog_stamp_with_year,
)
from samples.generate.people import citizen_address

Line = tuple[datetime, str]

_ALLOWED = ("100001", "traffic allowed", 3, "accept")
_DENIED = ("100002", "traffic denied", 6, "deny")
_SERVERS = tuple(host.address for host in story.LINUX_HOSTS)
_UPDATE_MIRROR = "203.0.113.80"


@dataclass(frozen=True, slots=True)
class Connection:
    """Who speaks to whom, and how many bytes the speaker sends (CEF calls them ``in``)."""

    source: str
    destination: str
    port: int
    sent: int = 0


def render() -> bytes:
    """The file's bytes."""
    random = Random("firewall.log")
    lines = [*_citizens(random), *_egress(random), *_refused(random), *_department(random), *_story(random)]
    text = [line for _, line in sorted(lines, key=itemgetter(0))]
    return ("\n".join(text) + "\n").encode()


def _cef(moment: datetime, verdict: tuple[str, str, int, str], link: Connection, random: Random) -> Line:
    signature, name, severity, action = verdict
    extension = (
        f"rt={epoch_milliseconds(moment)} act={action} proto=TCP src={link.source} spt={random.randrange(1024, 65535)} "
        f"dst={link.destination} dpt={link.port} in={link.sent} out={random.randrange(200, 90000)} "
        f"cs1Label=Policy cs1=exit-{link.port} deviceDirection={int(link.source.startswith('10.'))}"
    )
    head = f"<134>{syslog_stamp(moment)} {story.EDGE_FIREWALL.name} CEF:0|Lanhu|ExitGuard|4.2"
    return moment, f"{head}|{signature}|{name}|{severity}|{extension}"


def _citizens(random: Random) -> list[Line]:
    return [
        _cef(moment, _ALLOWED, Connection(citizen_address(random), story.PORTAL_ADDRESS, 443, 5200), random)
        for moment in moments(random, 420)
    ]


def _egress(random: Random) -> list[Line]:
    """Servers that fetch updates, and operators' mail: outbound, on ports for which the exit is meant."""
    return [
        _cef(moment, _ALLOWED, Connection(random.choice(_SERVERS), _UPDATE_MIRROR, 443, 900), random)
        for moment in moments(random, 160, ROUND_THE_CLOCK)
    ]


def _refused(random: Random) -> list[Line]:
    """Scans from outside, and inside attempts that the firewall stopped."""
    lines = [
        _cef(moment, _DENIED, Connection(citizen_address(random), story.BASTION_PUBLIC_ADDRESS, port), random)
        for moment in moments(random, 150, ROUND_THE_CLOCK)
        for port in (random.choice((23, 445, 3389, 8080)),)
    ]
    wanted = Connection(story.APPLICATION.address, "203.0.113.81", 3306)
    return [*lines, _cef(story.at("14:12:08"), _DENIED, wanted, random)]


def _department(random: Random) -> list[Line]:
    """Sessions between departments as a Huawei-style device logs them, local time."""
    lines: list[Line] = []
    for moment in moments(random, 120):
        source = f"source-ip=10.50.{random.randrange(1, 20)}.{random.randrange(2, 250)}"
        ports = (
            f"source-port={random.randrange(1024, 65535)}, destination-ip={story.GATEWAY.address}, destination-port=443"
        )
        zones = "source-zone=zwww, destination-zone=dmz, application-name=, rule-name=share-gateway."
        body = f"vsys=public, protocol=6, {source}, {ports}, time={moment:%Y/%m/%d %H:%M:%S}, {zones}"
        head = f"<190>{syslog_stamp_with_year(moment)} {story.DEPARTMENT_FIREWALL.name}"
        lines.append((moment, f"{head} %%01POLICY/6/POLICYPERMIT(l)[{random.randrange(9999)}]:{body}"))
    return lines


def _story(random: Random) -> list[Line]:
    guesses = every(story.BRUTE_FORCE_BEGIN, story.BRUTE_FORCE_END, 30, random)
    lines = [
        _cef(moment, _ALLOWED, Connection(story.ATTACKER, story.BASTION_PUBLIC_ADDRESS, 22, 1400), random)
        for moment in guesses
    ]
    upload = Connection(story.ATTACKER, story.PORTAL_ADDRESS, 443, 7000)
    lines.append(_cef(story.SHELL_UPLOAD, _ALLOWED, upload, random))
    called = Connection(story.FILE_SERVER.address, story.COMMAND_SERVER, 443, 3100)
    lines += [_cef(after(beacon.moment, 0.3), _ALLOWED, called, random) for beacon in beacons()]
    dump = Connection(story.WAREHOUSE.address, story.CONTRACTOR_UNUSUAL_ADDRESS, 22, 734_003_200)
    lines.append(_cef(story.DUMP_LEAVES, _ALLOWED, dump, random))
    lines.append(_cef(after(story.DUMP_LEAVES, 240), _ALLOWED, dump, random))
    return lines
