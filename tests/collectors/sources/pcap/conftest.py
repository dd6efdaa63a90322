"""Captures made packet by packet (libpcap file format, Ethernet, IPv4, TCP, UDP)."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

import pytest

from collectors.record import DeadLetter, Record
from collectors.sources.pcap import FlowLimits, read_capture

START = 1769847330  # 2026-01-31T08:15:30Z
CLIENT, SERVER = "10.0.0.7", "203.0.113.5"
Document = dict[str, object]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if shutil.which("tshark") is None:
        here = Path(__file__).parent
        for item in items:
            if item.path.is_relative_to(here) and "without_tshark" not in item.name:
                item.add_marker(pytest.mark.skip(reason="tshark is not installed"))


class Capture:
    """Packets of one capture, each a little later than the one before."""

    def __init__(self) -> None:
        self.packets: list[bytes] = []
        self.microseconds = 0
        self._sequence: dict[tuple[str, int], int] = {}

    def wait(self, seconds: float) -> None:
        self.microseconds += int(seconds * 1_000_000)

    def ip(self, ends: tuple[str, str], protocol: int, payload: bytes, *, offset: int = 0, more: bool = False) -> None:
        fragment = offset // 8 | (0x2000 if more else 0)
        fixed = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 7, fragment, 64, protocol, 0)
        frame = bytes(12) + b"\x08\x00" + fixed + b"".join(ip_address(end).packed for end in ends) + payload
        seconds, micros = divmod(self.microseconds, 1_000_000)
        self.packets.append(struct.pack("<IIII", START + seconds, micros, len(frame), len(frame)) + frame)
        self.microseconds += 1_000

    def udp(self, source: tuple[str, int], destination: tuple[str, int], payload: bytes) -> None:
        self.ip(
            (source[0], destination[0]),
            17,
            struct.pack("!HHHH", source[1], destination[1], 8 + len(payload), 0) + payload,
        )

    def tcp(self, source: tuple[str, int], destination: tuple[str, int], flags: int, payload: bytes = b"") -> None:
        sequence, acknowledged = self._sequence.get(source, 1000), self._sequence.get(destination, 1000)
        header = struct.pack("!HHIIBBHHH", source[1], destination[1], sequence, acknowledged, 0x50, flags, 65535, 0, 0)
        self._sequence[source] = sequence + len(payload) + bool(flags & 0x03)
        self.ip((source[0], destination[0]), 6, header + payload)

    def open(self, client: tuple[str, int], server: tuple[str, int]) -> None:
        self.tcp(client, server, 0x02)
        self.tcp(server, client, 0x12)
        self.tcp(client, server, 0x10)

    def bytes(self) -> bytes:
        return struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1) + b"".join(self.packets)


@pytest.fixture
def capture() -> Capture:
    return Capture()


Read = Callable[..., tuple[list[Document], list[DeadLetter]]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """The documents and dead letters of a capture, or of bytes."""

    def _read(content: Capture | bytes, **limits: int) -> tuple[list[Document], list[DeadLetter]]:
        path = tmp_path / "-a capture.pcap"
        path.write_bytes(content if isinstance(content, bytes) else content.bytes())
        items = list(read_capture(path, FlowLimits(**limits)))
        assert [item.position for item in items] == list(range(len(items)))
        documents = [dict(item.document or {}) for item in items if isinstance(item, Record)]
        return documents, [item for item in items if isinstance(item, DeadLetter)]

    return _read


def dns_message(identifier: int, name: str, *addresses: str, is_response: bool = False, code: int = 0) -> bytes:
    """A question of type A, or its answer."""
    flags = 0x8180 | code if is_response else 0x0100
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    answers = b"".join(struct.pack("!HHHIH", 0xC00C, 1, 1, 60, 4) + ip_address(address).packed for address in addresses)
    return (
        struct.pack("!HHHHHH", identifier, flags, 1, len(addresses), 0, 0) + labels + struct.pack("!HH", 1, 1) + answers
    )


@pytest.fixture
def dns() -> Callable[..., bytes]:
    return dns_message
