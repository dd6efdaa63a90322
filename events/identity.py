"""Deterministic event ids."""

from __future__ import annotations

import hashlib

_DIGEST_BYTES = 16


def event_id(source_identity: str, position: int, raw: bytes) -> str:
    """The id of the record at ``position`` of a source: 32 hexadecimal digits, the same on every replay.

    Args:
        source_identity: what the bytes came from, independent of its present path (a file keeps it when rotated).
        position: where the record starts in the source (byte offset, record number or sequence number).
        raw: the record as received.
    """
    head = source_identity.encode("utf-8", "surrogatepass")
    place = position.to_bytes(16, "big", signed=True)
    data = b"".join((len(head).to_bytes(4, "big"), head, place, raw))
    return hashlib.blake2b(data, digest_size=_DIGEST_BYTES).hexdigest()
