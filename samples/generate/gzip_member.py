"""A gzip file whose bytes depend on its content alone.

Compressors differ between versions of zlib and the header between versions of Python, so the data is stored, not
compressed. Sources: RFC 1952 (gzip), RFC 1951, section 3.2.4 (stored blocks).
"""

from __future__ import annotations

import struct
import zlib

_HEADER = bytes.fromhex("1f8b0800 00000000 00ff")
_BLOCK_BYTES = 0xFFFF


def stored(data: bytes) -> bytes:
    """The data as one gzip member without time and name."""
    starts = range(0, max(len(data), 1), _BLOCK_BYTES)
    blocks = [_block(data[start : start + _BLOCK_BYTES], last=start == starts[-1]) for start in starts]
    return _HEADER + b"".join(blocks) + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)


def _block(part: bytes, *, last: bool) -> bytes:
    return struct.pack("<BHH", last, len(part), len(part) ^ 0xFFFF) + part
