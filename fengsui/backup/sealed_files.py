"""Sealed files: SM4-GCM (GB/T 32907-2016) chunk by chunk, under a key of the file's own.

The nonce of a chunk is its number and whether it is the last (the STREAM construction of Hoang, Reyhanitabar, Rogaway
and Vizár, 2015), and each is bound to the file's path: chunks that were changed, left out, cut off, reordered or taken
from another file don't open.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4

CHUNK = 1 << 20
"""Bytes of a chunk before it is sealed; the last has what is left."""
_KEY_BYTES = 16
_COUNTER_BYTES = 11
_TAG_BYTES = 16


class SealBrokenError(Exception):
    """A sealed file does not open: it was changed or cut, or belongs elsewhere."""


def new_key() -> bytes:
    """A key for one file; no other file may be sealed with it."""
    return secrets.token_bytes(_KEY_BYTES)


def sealed_size(size: int) -> int:
    """How long a file of so many bytes is when it is sealed; an empty one is a chunk too."""
    return size + _TAG_BYTES * max(1, -(-size // CHUNK))


def read_chunks(opened: IO[bytes], size: int = CHUNK) -> Iterator[bytes]:
    """What is left of an open file, in pieces of ``size`` bytes but for the last."""
    while chunk := opened.read(size):
        yield chunk


def seal_chunks(chunks: Iterable[bytes], key: bytes, path: str) -> Iterator[bytes]:
    """Pieces of ``CHUNK`` bytes, the last of at most so many, as they may be written to the file of that path."""
    for number, chunk, is_last in _numbered(chunks):
        encryptor = Cipher(SM4(key), modes.GCM(_nonce(number, is_last=is_last))).encryptor()
        encryptor.authenticate_additional_data(path.encode())
        yield encryptor.update(chunk) + encryptor.finalize() + encryptor.tag


def open_chunks(opened: IO[bytes], key: bytes, path: str) -> Iterator[bytes]:
    """What was sealed, chunk by chunk.

    Raises:
        SealBrokenError: a chunk is not the one that was sealed in its place, or the end is missing.
    """
    for number, sealed, is_last in _numbered(read_chunks(opened, CHUNK + _TAG_BYTES)):
        if len(sealed) < _TAG_BYTES:
            raise SealBrokenError
        nonce, tag = _nonce(number, is_last=is_last), sealed[-_TAG_BYTES:]
        decryptor = Cipher(SM4(key), modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(path.encode())
        try:
            yield decryptor.update(memoryview(sealed)[:-_TAG_BYTES]) + decryptor.finalize()
        except InvalidTag as error:
            raise SealBrokenError from error


def _numbered(chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes, bool]]:
    """Each chunk with its number and whether it is the last; a single empty one where there is none."""
    following = iter(chunks)
    chunk, number = next(following, b""), 0
    for successor in following:
        yield number, chunk, False
        chunk, number = successor, number + 1
    yield number, chunk, True


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(_COUNTER_BYTES, "big") + bytes([is_last])
