"""The file of fingerprint keys in the data folder: made once, readable by its owner alone, extended by a rotation."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from classification.masking.errors import FingerprintKeyError
from classification.masking.fingerprints import KEY_BYTES, Fingerprints

FILE_NAME = "fingerprint.keys"
"""A key a line in hexadecimal, the present one last; older ones read what was made before."""


def load_fingerprints(data_dir: Path) -> Fingerprints:
    """The fingerprints of a data folder; its first key is made when there is none.

    Raises:
        FingerprintKeyError: the file can't be read or made, or is damaged.
    """
    path = data_dir / FILE_NAME
    try:
        if not path.exists():
            _create(path)
        *older, present = _read(path)
    except OSError as error:
        raise FingerprintKeyError(f"{path}: {error.strerror}; give this user the data folder") from error
    return Fingerprints(present, older[::-1])


def rotate_key(data_dir: Path) -> Fingerprints:
    """Make a new key for fingerprints to come; those made so far stay readable.

    Raises:
        FingerprintKeyError: the file can't be read or written, or is damaged.
    """
    load_fingerprints(data_dir)
    path = data_dir / FILE_NAME
    try:
        draft = _draft(path, [*_read(path), secrets.token_bytes(KEY_BYTES)])
        draft.replace(path)
    except OSError as error:
        raise FingerprintKeyError(f"{path}: {error.strerror}; give this user the data folder") from error
    return load_fingerprints(data_dir)


def _read(path: Path) -> list[bytes]:
    try:
        keys = [bytes.fromhex(line) for line in path.read_text(encoding="ascii").split()]
    except ValueError:
        keys = []
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise FingerprintKeyError(f"{path}: damaged; restore it from the backup, or fingerprints can't be compared")
    return keys


def _create(path: Path) -> None:
    """Write the file whole before it gets its name, so that two processes starting together agree on one key."""
    draft = _draft(path, [secrets.token_bytes(KEY_BYTES)])
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first: its key counts
    finally:
        draft.unlink()


def _draft(path: Path, keys: list[bytes]) -> Path:
    """The keys in a file of their own beside ``path``, on disk, readable by its owner alone."""
    descriptor, name = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write("".join(f"{key.hex()}\n" for key in keys).encode("ascii"))
        file.flush()
        os.fsync(file.fileno())
    return Path(name)
