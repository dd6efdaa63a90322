"""Ethernet, IPv4, UDP and TCP packets with true checksums, and the capture file that holds them.

Sources: RFC 791, RFC 768, RFC 9293, RFC 1071 (checksum), RFC 1035 (DNS), RFC 8446 (ClientHello), and the classic
libpcap file format (draft-ietf-opsawg-pcap).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address

_MAGIC = 0xA1B2C3D4
_ETHERNET = 1
_SNAPLEN = 65535
_TCP, _UDP = 6, 17
SYN, ACK, PSH_ACK, SYN_ACK, FIN_ACK = 0x02, 0x10, 0x18, 0x12, 0x11


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address and a port."""

    address: str
    port: int


@dataclass(frozen=True, slots=True)
class Packet:
    """A captured frame and its moment."""

    moment: datetime
    frame: bytes


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    padded = data + b"\0" * (len(data) % 2)
    total: int = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def udp(moment: datetime, source: Endpoint, destination: Endpoint, payload: bytes) -> Packet:
    """A UDP datagram."""
    length = 8 + len(payload)
    head = struct.pack("!HHH", source.port, destination.port, length)
    total = checksum(_pseudo_header(source, destination, _UDP, length) + head + b"\0\0" + payload)
    segment = head + struct.pack("!H", total or 0xFFFF) + payload
    return Packet(moment, _ip_frame(source, destination, _UDP, segment))


def tcp(
    moment: datetime, ends: tuple[Endpoint, Endpoint], numbers: tuple[int, int], flags: int, payload: bytes = b""
) -> Packet:
    """A TCP segment; ``numbers`` are the sequence and the acknowledgment number."""
    source, destination = ends
    head = struct.pack("!HHIIBB", source.port, destination.port, *numbers, 5 << 4, flags) + struct.pack("!H", 64240)
    pseudo = _pseudo_header(source, destination, _TCP, 20 + len(payload))
    total = checksum(pseudo + head + b"\0\0\0\0" + payload)
    segment = head + struct.pack("!HH", total, 0) + payload
    return Packet(moment, _ip_frame(source, destination, _TCP, segment))


def _pseudo_header(source: Endpoint, destination: Endpoint, protocol: int, length: int) -> bytes:
    ends = IPv4Address(source.address).packed + IPv4Address(destination.address).packed
    return ends + struct.pack("!BBH", 0, protocol, length)


def _ip_frame(source: Endpoint, destination: Endpoint, protocol: int, segment: bytes) -> bytes:
    ends = IPv4Address(source.address).packed + IPv4Address(destination.address).packed
    head = struct.pack("!BBHHHBB", 0x45, 0, 20 + len(segment), 0, 0x4000, 64, protocol)
    address = head + struct.pack("!H", checksum(head + b"\0\0" + ends)) + ends
    return _hardware(destination) + _hardware(source) + b"\x08\x00" + address + segment


def _hardware(end: Endpoint) -> bytes:
    """A locally administered hardware address, one for each IP address."""
    return b"\x02\x00" + IPv4Address(end.address).packed


def dns_message(number: int, name: str, answer: str | None = None) -> bytes:
    """A DNS query for the address of a name, or the response that gives it (RFC 1035, section 4)."""
    flags = 0x0100 if answer is None else 0x8180
    head = struct.pack("!HHHHHH", number, flags, 1, 0 if answer is None else 1, 0, 0)
    labels = b"".join(bytes((len(label),)) + label.encode() for label in name.split(".")) + b"\0"
    question = labels + struct.pack("!HH", 1, 1)
    if answer is None:
        return head + question
    return head + question + struct.pack("!HHHIH", 0xC00C, 1, 1, 300, 4) + IPv4Address(answer).packed


def client_hello(name: str, seed: bytes) -> bytes:
    """A TLS ClientHello that names its server (RFC 8446, section 4.1.2; RFC 6066, section 3)."""
    host = name.encode()
    listed = struct.pack("!BH", 0, len(host)) + host
    server_name = struct.pack("!HHH", 0, len(listed) + 2, len(listed)) + listed
    versions = struct.pack("!HHBHH", 43, 5, 4, 0x0304, 0x0303)
    extensions = server_name + versions
    ciphers = struct.pack("!HHHH", 6, 0x1301, 0x1302, 0xC02F)
    body = b"\x03\x03" + seed.ljust(32, b"\0")[:32] + b"\0" + ciphers + b"\x01\x00"
    body += struct.pack("!H", len(extensions)) + extensions
    handshake = b"\x01" + len(body).to_bytes(3, "big") + body
    return b"\x16\x03\x01" + struct.pack("!H", len(handshake)) + handshake


def capture_file(packets: list[Packet]) -> bytes:
    """The packets as a libpcap file, little-endian, microseconds."""
    parts = [struct.pack("<IHHiIII", _MAGIC, 2, 4, 0, 0, _SNAPLEN, _ETHERNET)]
    for packet in packets:
        seconds, length = int(packet.moment.timestamp()), len(packet.frame)
        parts.append(struct.pack("<IIII", seconds, packet.moment.microsecond, length, length))
        parts.append(packet.frame)
    return b"".join(parts)
