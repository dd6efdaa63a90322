"""What a stream is known by, wherever it moves and however it is packed."""

from __future__ import annotations

import hashlib

IDENTITY_BYTES = 4096
_DIGEST_BYTES = 16
_BINARY = (b"ElfFile\x00", b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d")


def content_identity(head: bytes) -> str:
    """The identity of a stream: 32 hexadecimal digits of its first line, or of its first 4 KiB where that is longer.

    A file keeps it when it is moved, rotated or compressed, and when it grows, from its first complete line on. Of
    binary logs it is the first 4 KiB. Two streams may share one; ids of events count the position and bytes too.

    Args:
        head: the first bytes of the decompressed stream, 4 KiB where it has as many.
    """
    first = head[:IDENTITY_BYTES]
    if not first.startswith(_BINARY):
        newline = first.find(b"\n")
        first = first if newline < 0 else first[: newline + 1]
    return hashlib.blake2b(first, digest_size=_DIGEST_BYTES).hexdigest()
