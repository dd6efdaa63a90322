"""The capture is true to its protocols: lengths and checksums hold, as any receiver would compute them."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from samples.generate.packets import checksum


def test_checksum_agrees_with_the_example_of_rfc_1071() -> None:
    assert checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0xFFFF - 0xDDF2


@pytest.fixture(scope="module")
def frames(city: Path) -> list[bytes]:
    return list(_frames((city / "border.pcap").read_bytes()))


def test_every_ip_header_and_payload_sums_up(frames: list[bytes]) -> None:
    for frame in frames:
        header, segment = frame[14:34], frame[34:]
        pseudo = header[12:20] + struct.pack("!BBH", 0, header[9], len(segment))
        assert struct.unpack("!H", header[2:4])[0] == 20 + len(segment)
        assert checksum(header) == 0
        assert checksum(pseudo + segment) == 0


def test_capture_holds_both_transports(frames: list[bytes]) -> None:
    protocols = Counter(frame[23] for frame in frames)

    assert set(protocols) == {6, 17}
    assert min(protocols.values()) > 100


def _frames(capture: bytes) -> Iterator[bytes]:
    magic, *_, link = struct.unpack("<IHHiIII", capture[:24])
    assert (magic, link) == (0xA1B2C3D4, 1)
    position = 24
    while position < len(capture):
        *_, captured, length = struct.unpack("<IIII", capture[position : position + 16])
        assert captured == length
        yield capture[position + 16 : position + 16 + captured]
        position += 16 + captured
