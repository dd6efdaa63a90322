"""Sealed files open to what was sealed, and to nothing when anything about them is another."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.backup.sealed_files import (
    CHUNK,
    SealBrokenError,
    new_key,
    open_chunks,
    read_chunks,
    seal_chunks,
    sealed_size,
)

TAG = 16


def _seal(content: bytes, key: bytes, path: str = "data/a") -> bytes:
    return b"".join(seal_chunks(read_chunks(io.BytesIO(content)), key, path))


def _open(sealed: bytes, key: bytes, path: str = "data/a") -> bytes:
    return b"".join(open_chunks(io.BytesIO(sealed), key, path))


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK])
def test_what_was_sealed_opens_whole_and_as_long_as_told(size: int) -> None:
    content, key = bytes(range(256)) * (size // 256 + 1), new_key()
    sealed = _seal(content[:size], key)
    assert len(sealed) == sealed_size(size)
    assert _open(sealed, key) == content[:size]


@settings(max_examples=60)
@given(st.binary(max_size=300), st.data())
def test_a_changed_cut_or_longer_file_does_not_open(content: bytes, data: st.DataObject) -> None:
    key = new_key()
    sealed = _seal(content, key)
    place, bit = data.draw(st.integers(0, len(sealed) - 1)), data.draw(st.integers(0, 7))
    changed = bytearray(sealed)
    changed[place] ^= 1 << bit
    for harmed in (bytes(changed), sealed[:place], sealed + b"x"):
        with pytest.raises(SealBrokenError):
            _open(harmed, key)


def test_chunks_left_out_at_the_end_exchanged_or_of_another_place_do_not_open() -> None:
    key, step = new_key(), CHUNK + TAG
    sealed = _seal(b"a" * CHUNK + b"b" * CHUNK + b"c", key)
    first, second, last = sealed[:step], sealed[step : 2 * step], sealed[2 * step :]
    for harmed in (first + second, second + first + last, first + last, first + first + last):
        with pytest.raises(SealBrokenError):
            _open(harmed, key)
    with pytest.raises(SealBrokenError):
        _open(sealed, key, "data/b")
    with pytest.raises(SealBrokenError):
        _open(sealed, new_key())
