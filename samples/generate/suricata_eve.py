"""``suricata-eve.json``: flows, DNS, HTTP, TLS and alerts of the sensor at the exit (EVE JSON, one a line)."""

from __future__ import annotations

import json
from datetime import datetime
from operator import itemgetter
from random import Random

from samples.generate import story
from samples.generate.beacon import beacons
from samples.generate.clock import ROUND_THE_CLOCK, after, moments
from samples.generate.people import citizen_address

Entry = tuple[datetime, dict[str, object]]

_NAMES = ("mirror.example", "a1b2c3d4e5f6.cdn.example", "ntp.lanhu.example", "weather.example", "maps.example")
_NOISE = (
    (2200074, "SURICATA TCPv4 invalid checksum", "Generic Protocol Command Decode", 3),
    (2260002, "SURICATA Applayer Detect protocol only one direction", "Generic Protocol Command Decode", 3),
    (2001219, "LANHU SCAN repeated SSH connections", "Attempted Information Leak", 2),
)
_CATEGORY = "Malware Command and Control Activity Detected"
_BEACON_ALERT = (9000117, "LANHU MALWARE hexadecimal DNS beacon", _CATEGORY, 1)


def render() -> bytes:
    """The file's bytes."""
    random = Random("suricata-eve.json")
    entries = [*_web(random), *_lookups(random), *_noise(random), *_beacons(random)]
    entries.sort(key=itemgetter(0))
    return "".join(json.dumps(entry, separators=(",", ":")) + "\n" for _, entry in entries).encode()


def _entry(moment: datetime, kind: str, ends: tuple[str, str, int], random: Random) -> dict[str, object]:
    source, destination, port = ends
    return {
        "timestamp": f"{moment:%Y-%m-%dT%H:%M:%S.%f%z}",
        "flow_id": random.getrandbits(50),
        "in_iface": "span0",
        "host": story.SENSOR.name,
        "event_type": kind,
        "src_ip": source,
        "src_port": random.randrange(1024, 65535),
        "dest_ip": destination,
        "dest_port": port,
        "proto": "UDP" if port == 53 else "TCP",
    }


def _web(random: Random) -> list[Entry]:
    entries: list[Entry] = []
    for moment in moments(random, 300):
        ends = (citizen_address(random), story.PORTAL_ADDRESS, 443)
        tls = {"sni": story.PORTAL, "version": "TLS 1.3", "subject": f"CN={story.PORTAL}"}
        counts = {"pkts_toserver": 14, "pkts_toclient": 19, "bytes_toserver": random.randrange(900, 9000),
                  "bytes_toclient": random.randrange(2000, 90000), "state": "closed"}  # fmt: skip
        entries.append((moment, {**_entry(moment, "tls", ends, random), "tls": tls}))
        closed = after(moment, 2)
        entries.append((closed, {**_entry(closed, "flow", ends, random), "app_proto": "tls", "flow": counts}))
    return entries


def _lookups(random: Random) -> list[Entry]:
    entries: list[Entry] = []
    for moment in moments(random, 160, ROUND_THE_CLOCK):
        ends = (random.choice(story.LINUX_HOSTS).address, story.RESOLVER.address, 53)
        query = {"type": "query", "id": random.getrandbits(16), "rrname": random.choice(_NAMES), "rrtype": "A"}
        entries.append((moment, {**_entry(moment, "dns", ends, random), "dns": query}))
    for moment in moments(random, 40):
        ends = (random.choice(story.LINUX_HOSTS).address, "203.0.113.80", 80)
        http = {"hostname": "mirror.example", "url": "/dists/stable/InRelease", "http_method": "GET", "status": 200}
        entries.append((moment, {**_entry(moment, "http", ends, random), "http": http}))
    return entries


def _alert(moment: datetime, signature: tuple[int, str, str, int], ends: tuple[str, str, int], random: Random) -> Entry:
    number, text, category, severity = signature
    alert = {"action": "allowed", "gid": 1, "signature_id": number, "rev": 1, "signature": text}
    return moment, {
        **_entry(moment, "alert", ends, random),
        "alert": {**alert, "category": category, "severity": severity},
    }


def _noise(random: Random) -> list[Entry]:
    return [
        _alert(moment, random.choice(_NOISE), (citizen_address(random), story.PORTAL_ADDRESS, 443), random)
        for moment in moments(random, 60, ROUND_THE_CLOCK)
    ]


def _beacons(random: Random) -> list[Entry]:
    entries: list[Entry] = []
    for beacon in beacons():
        ends = (story.FILE_SERVER.address, story.RESOLVER.address, 53)
        query = {"type": "query", "id": random.getrandbits(16), "rrname": beacon.name, "rrtype": "A"}
        entries.append((beacon.moment, {**_entry(beacon.moment, "dns", ends, random), "dns": query}))
        entries.append(_alert(after(beacon.moment, 0.01), _BEACON_ALERT, ends, random))
    return entries
