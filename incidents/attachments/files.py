"""The folder of attached files, each named by its SHA-256."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.hazmat.primitives import hashes

from incidents.errors import AttachmentDamagedError


@dataclass(frozen=True, slots=True)
class Digests:
    """SHA-256 and SM3 of a content, in hexadecimal."""

    sha256: str
    sm3: str


class AttachmentFiles:
    """Keeps contents once each; what is kept is never changed."""

    def __init__(self, folder: Path) -> None:
        """Keep them in a folder, which is made at the first file."""
        self._folder = folder

    def keep(self, content: bytes) -> Digests:
        """Store a content on disk before it is spoken of anywhere; returns its digests.

        Raises:
            OSError: the disk takes no more.
        """
        digests = digests_of(content)
        path = self._path(digests.sha256)
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_whole(path, content)
        return digests

    def read(self, digests: Digests) -> bytes:
        """A stored content, checked against both digests.

        Raises:
            AttachmentDamagedError: it is missing or no longer what was stored.
        """
        try:
            content = self._path(digests.sha256).read_bytes()
        except OSError as error:
            raise AttachmentDamagedError(
                f"The file {digests.sha256[:16]}… can't be read; restore the folder of attachments from the backup"
            ) from error
        if digests_of(content) != digests:
            raise AttachmentDamagedError(
                f"The file {digests.sha256[:16]}… was changed on disk; restore it from the backup"
            )
        return content

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256


def digests_of(content: bytes) -> Digests:
    """Both digests of a content."""
    sm3 = hashes.Hash(hashes.SM3())
    sm3.update(content)
    return Digests(hashlib.sha256(content).hexdigest(), sm3.finalize().hex())


def _write_whole(path: Path, content: bytes) -> None:
    with NamedTemporaryFile(dir=path.parent, delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
