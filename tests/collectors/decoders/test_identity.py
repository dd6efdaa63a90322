from __future__ import annotations

import bz2
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.decoders import content_identity, decode_path


@given(first=st.binary(min_size=1, max_size=6000).filter(lambda line: b"\n" not in line), rest=st.binary(max_size=500))
def test_a_growing_file_keeps_its_identity(first: bytes, rest: bytes) -> None:
    first = b"Jun " + first
    assert content_identity(first + b"\n") == content_identity(first + b"\n" + rest)


def test_different_first_lines_differ() -> None:
    assert content_identity(b"one\n") != content_identity(b"two\n")
    assert content_identity(b"x" * 5000) == content_identity(b"x" * 4096)


@pytest.mark.parametrize("line", [b"Jun 14 15:16:01 combo sshd: first\n", b'{"a": "' + b"y" * 9000 + b'"}\n'])
def test_moving_and_packing_keep_the_identity(tmp_path: Path, line: bytes) -> None:
    content = line + b"Jun 14 15:16:02 combo sshd: second\n"
    identities = set()
    for name, data in [
        ("a", content),
        ("b.1", content),
        ("c.gz", gzip.compress(content)),
        ("d", bz2.compress(content)),
    ]:
        (tmp_path / name).write_bytes(data)
        identities |= {stream.identity for stream in decode_path(tmp_path / name)}
    assert identities == {content_identity(content)}
