"""One frame: which conversation it belongs to, and what its protocols say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from collectors.sources.pcap.tshark import AGGREGATOR

_NETWORKS = ("ip", "ipv6")
_PORTED = ("tcp", "udp", "sctp")
_ICMP = {"icmp": 1, "icmpv6": 58}
_PROTOCOL_NUMBERS = {"tcp": 6, "udp": 17, "sctp": 132, **_ICMP}
_MICROSECONDS = 1_000_000


class Endpoint(NamedTuple):
    """One end of a conversation; for ICMP the port is the type or the code."""

    ip: str
    port: int


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame of the innermost conversation that its tunnels carry.

    Attributes:
        number: its number in the capture, from 1.
        time_us: when it was captured, microseconds since 1970.
        length: its length on the wire, in bytes.
        protocol: the IP protocol's number.
        tcp_flags: TCP flags as a number, 0 for other protocols.
        has_transport: whether the dissector found TCP, UDP, SCTP or ICMP.
        fragment: names the datagram that the frame is a fragment of; None for whole datagrams.
        layers: names of the layers above the transport, lowest first.
        values: all fields the dissector gave.
    """

    number: int
    time_us: int
    length: int
    source: Endpoint
    destination: Endpoint
    protocol: int
    tcp_flags: int
    has_transport: bool
    fragment: str | None
    vlan: tuple[str, ...]
    layers: tuple[str, ...]
    values: Mapping[str, str]

    def all(self, name: str) -> list[str]:
        """All values of a field, in the order of the frame."""
        value = self.values.get(name)
        return value.split(AGGREGATOR) if value else []

    def first(self, name: str) -> str | None:
        """The first value of a field."""
        value = self.values.get(name)
        return value.partition(AGGREGATOR)[0] if value else None


def read_frame(values: Mapping[str, str]) -> Frame | None:
    """The frame of a row of fields; None for frames that carry no IP.

    Raises:
        ValueError, IndexError, KeyError: the row contradicts itself.
    """
    stack = values.get("frame.protocols", "").split(":")
    end = next((place for place, name in enumerate(stack) if name in _ICMP), len(stack) - 1)
    networks = [place for place, name in enumerate(stack[: end + 1]) if name in _NETWORKS]
    if not networks:
        return None
    place = networks[-1]
    name = stack[place]
    occurrence = stack[: place + 1].count(name) - 1
    addresses = [_nth(values, f"{name}.{side}", occurrence) for side in ("src", "dst")]
    transport = next((layer for layer in stack[place + 1 : end + 1] if layer in _PROTOCOL_NUMBERS), None)
    passed = stack[: place + 1].count(transport) if transport else 0
    ports = _ports(values, transport, passed)
    seconds, _, fraction = values["frame.time_epoch"].partition(".")
    return Frame(
        number=int(values["frame.number"]),
        time_us=int(seconds) * _MICROSECONDS + int((fraction or "0")[:6].ljust(6, "0")),
        length=int(values["frame.len"]),
        source=Endpoint(addresses[0], ports[0]),
        destination=Endpoint(addresses[1], ports[1]),
        protocol=_PROTOCOL_NUMBERS[transport] if transport else _ip_protocol(values, name, occurrence),
        tcp_flags=int(_nth(values, "tcp.flags", passed), 16) if transport == "tcp" else 0,
        has_transport=transport is not None,
        fragment=_fragment(values, addresses),
        vlan=tuple(values["vlan.id"].split(AGGREGATOR)) if "vlan.id" in values else (),
        layers=tuple(stack[stack.index(transport, place) + 1 : end + 1]) if transport in _PORTED else (),
        values=values,
    )


def _fragment(values: Mapping[str, str], addresses: list[str]) -> str | None:
    identifier = values.get("ipv6.fraghdr.ident")
    if identifier is None:
        more = AGGREGATOR.join((values.get("ip.flags.mf", ""), values.get("ip.frag_offset", "")))
        if not any(value not in ("", "0", "False") for value in more.split(AGGREGATOR)):
            return None
        identifier = values.get("ip.id", "")
    return ">".join((*addresses, identifier))


def _ports(values: Mapping[str, str], transport: str | None, occurrence: int) -> tuple[int, int]:
    if transport in _PORTED:
        return int(_nth(values, f"{transport}.srcport", occurrence)), int(
            _nth(values, f"{transport}.dstport", occurrence)
        )
    if transport in _ICMP:
        return int(_nth(values, f"{transport}.type", 0)), int(_nth(values, f"{transport}.code", 0))
    return 0, 0


def _ip_protocol(values: Mapping[str, str], network: str, occurrence: int) -> int:
    return int(_nth(values, "ip.proto" if network == "ip" else "ipv6.nxt", occurrence))


def _nth(values: Mapping[str, str], name: str, occurrence: int) -> str:
    found = values[name].split(AGGREGATOR)
    return found[min(occurrence, len(found) - 1)]
