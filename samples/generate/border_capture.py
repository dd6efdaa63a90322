"""``border.pcap``: two hours of what the sensor at the exit sees: DNS, HTTP and TLS, the beacons among them."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from samples.generate import story
from samples.generate.beacon import beacons
from samples.generate.clock import after
from samples.generate.packets import (
    ACK,
    FIN_ACK,
    PSH_ACK,
    SYN,
    SYN_ACK,
    Endpoint,
    Packet,
    capture_file,
    client_hello,
    dns_message,
    tcp,
    udp,
)

BEGIN, END = story.at("10:30"), story.at("12:30")
_NAMES = {
    "mirror.example": "203.0.113.80",
    "a1b2c3d4e5f6.cdn.example": "203.0.113.82",
    "weather.example": "203.0.113.83",
}
_RESOLVER = Endpoint(story.RESOLVER.address, 53)
_REQUEST = "GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: APT-HTTP/1.3 (2.6.1)\r\n\r\n"
_RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nOK"


def render() -> bytes:
    """The file's bytes."""
    random = Random("border.pcap")
    packets = [*_servers(random), *_beacons(random)]
    return capture_file(sorted(packets, key=lambda packet: packet.moment))


def _servers(random: Random) -> list[Packet]:
    """Servers look names up, then fetch over HTTP or speak TLS."""
    packets: list[Packet] = []
    for _ in range(90):
        moment = BEGIN + timedelta(milliseconds=random.randrange(int((END - BEGIN).total_seconds()) * 1000))
        host, name = random.choice(story.LINUX_HOSTS), random.choice(list(_NAMES))
        client = Endpoint(host.address, random.randrange(30000, 60000))
        packets += _lookup(moment, client, (name, _NAMES[name]), random)
        if name == "mirror.example":
            request = _REQUEST.format(path="/dists/stable/InRelease", host=name).encode()
            packets += _session(after(moment, 0.05), (client, Endpoint(_NAMES[name], 80)), request, _RESPONSE)
        else:
            hello = client_hello(name, random.randbytes(32))
            packets += _session(after(moment, 0.05), (client, Endpoint(_NAMES[name], 443)), hello, b"")
    return packets


def _beacons(random: Random) -> list[Packet]:
    packets: list[Packet] = []
    for beacon in beacons():
        if BEGIN <= beacon.moment < END:
            client = Endpoint(story.FILE_SERVER.address, random.randrange(49152, 65535))
            packets += _lookup(beacon.moment, client, (beacon.name, story.COMMAND_SERVER), random)
            hello = client_hello(story.COMMAND_DOMAIN, random.randbytes(32))
            server = Endpoint(story.COMMAND_SERVER, 443)
            packets += _session(after(beacon.moment, 0.3), (client, server), hello, b"")
    return packets


def _lookup(moment: datetime, client: Endpoint, name: tuple[str, str], random: Random) -> list[Packet]:
    number = random.getrandbits(16)
    return [
        udp(moment, client, _RESOLVER, dns_message(number, name[0])),
        udp(after(moment, 0.004), _RESOLVER, client, dns_message(number, *name)),
    ]


def _session(moment: datetime, ends: tuple[Endpoint, Endpoint], request: bytes, response: bytes) -> list[Packet]:
    """A whole TCP session: handshake, request, response, end."""
    back = (ends[1], ends[0])
    mine, theirs = 1000 + len(request), 7000 + len(response)
    steps = [
        (ends, (999, 0), SYN, b""),
        (back, (6999, 1000), SYN_ACK, b""),
        (ends, (1000, 7000), ACK, b""),
        (ends, (1000, 7000), PSH_ACK, request),
        (back, (7000, mine), PSH_ACK if response else ACK, response),
        (ends, (mine, theirs), FIN_ACK, b""),
        (back, (theirs, mine + 1), FIN_ACK, b""),
        (ends, (mine + 1, theirs + 1), ACK, b""),
    ]
    return [tcp(after(moment, 0.01 * number), *step) for number, step in enumerate(steps)]
