"""The form of a frame: a header with two checksums, then what the messages share, then the messages.

    header    length u32 · CRC-32 of the payload u32 · first sequence number u64 · CRC-32 of the three u32
    payload   length u32 of what follows · shared part, JSON · messages
    message   length u32 · whole length u64 · index of the sender u16 · whether it was cut u8 · bytes

All numbers are little-endian. The header's own checksum tells a torn frame (whole header, missing payload) from a
corrupt one.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

_HEADER = struct.Struct("<IIQI")
_LENGTH = struct.Struct("<I")
_MESSAGE = struct.Struct("<IQHB")
HEADER_BYTES = _HEADER.size
_MOST_SENDERS = 0xFFFF


class TornFrameError(Exception):
    """The data ends before the frame does: its writer died in the middle and told nobody that it was taken."""


class CorruptFrameError(Exception):
    """The frame is not what was written."""


@dataclass(frozen=True, slots=True)
class Message:
    """One pushed message.

    Attributes:
        data: its bytes, cut where it was longer than a message may be.
        peer: the sender's address.
        length: its whole length in bytes; more than ``data`` holds when it was cut or ended too early.
        is_cut: it was cut because it is too long; otherwise its sender stopped early.
    """

    data: bytes
    peer: str | None = None
    length: int | None = None
    is_cut: bool = False

    @property
    def whole_length(self) -> int:
        """The length in bytes that the message should have."""
        return len(self.data) if self.length is None else self.length


@dataclass(frozen=True, slots=True)
class Frame:
    """Messages that were pushed together; they number from ``sequence`` on.

    Attributes:
        received_ms: when they came, ms since 1970 UTC.
        key: the sender's idempotency key, under which the same push may come again.
        fingerprint: of the content pushed under the key.
    """

    sequence: int
    received_ms: int
    messages: tuple[Message, ...]
    key: str | None = None
    fingerprint: str | None = None


def encode(frame: Frame) -> bytes:
    """The bytes of a frame."""
    peers = list(dict.fromkeys(message.peer for message in frame.messages))[:_MOST_SENDERS]
    index = {peer: number for number, peer in enumerate(peers)}
    shared = orjson.dumps({"received": frame.received_ms, "key": frame.key, "of": frame.fingerprint, "peers": peers})
    parts = [_LENGTH.pack(len(shared)), shared]
    for message in frame.messages:
        number = index.get(message.peer, 0)
        parts += (_MESSAGE.pack(len(message.data), message.whole_length, number, message.is_cut), message.data)
    payload = b"".join(parts)
    checked = struct.pack("<IIQ", len(payload), zlib.crc32(payload), frame.sequence)
    return checked + _LENGTH.pack(zlib.crc32(checked)) + payload


def payload_length(header: bytes, sequence: int) -> int:
    """The length of the payload that a header announces.

    Raises:
        TornFrameError: the header is not whole.
        CorruptFrameError: the header is damaged or not the one of ``sequence``.
    """
    if len(header) < HEADER_BYTES:
        raise TornFrameError
    length, _, number, check = _HEADER.unpack(header)
    if zlib.crc32(header[: HEADER_BYTES - _LENGTH.size]) != check or number != sequence:
        raise CorruptFrameError
    return int(length)


def decode(header: bytes, payload: bytes) -> Frame:
    """The frame of a header that ``payload_length`` has accepted and its payload.

    Raises:
        TornFrameError: the payload is not whole.
        CorruptFrameError: the payload is damaged.
    """
    length, check, sequence, _ = _HEADER.unpack(header)
    if len(payload) < length:
        raise TornFrameError
    if zlib.crc32(payload) != check:
        raise CorruptFrameError
    (shared_length,) = _LENGTH.unpack_from(payload)
    start = _LENGTH.size + shared_length
    shared = orjson.loads(payload[_LENGTH.size : start])
    messages = tuple(_messages(payload, start, shared["peers"]))
    return Frame(sequence, shared["received"], messages, shared["key"], shared["of"])


def _messages(payload: bytes, start: int, peers: Sequence[str | None]) -> list[Message]:
    messages = []
    while start < len(payload):
        length, whole, number, is_cut = _MESSAGE.unpack_from(payload, start)
        start += _MESSAGE.size
        messages.append(Message(payload[start : start + length], peers[number], whole, bool(is_cut)))
        start += length
    return messages
