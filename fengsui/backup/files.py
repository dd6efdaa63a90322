"""Copying files with their digests, and linking those that an earlier backup holds already."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from cryptography.hazmat.primitives import hashes

from fengsui.backup.manifest import FileEntry

_CHUNK = 1 << 20
_OWNER_READS = 0o600
_OWNER_ONLY = 0o700


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier backup of the same installation, by whose files unchanged ones are known."""

    folder: Path
    entries: dict[str, FileEntry]


@dataclass(slots=True)
class Copying:
    """The files of a backup that is being made in ``folder``, by their paths in it."""

    folder: Path
    earlier: Earlier | None = None
    entries: dict[str, FileEntry] = field(default_factory=dict)
    linked: int = 0

    def copy(self, source: Path, path: str) -> None:
        """Copy a file as it is now.

        Raises:
            FileNotFoundError: it is gone.
        """
        with source.open("rb") as opened:
            self._take(opened, path)

    def copy_unchanging(self, source: Path, path: str) -> None:
        """Copy a file that never changes once it is written, or link the earlier backup's copy of it.

        Raises:
            FileNotFoundError: it is gone.
        """
        with source.open("rb") as opened:
            state = os.fstat(opened.fileno())
            if not self._link(path, state):
                self._take(opened, path)
                os.utime(self.folder / path, ns=(state.st_atime_ns, state.st_mtime_ns))

    def write(self, content: bytes, path: str) -> None:
        """Write a small file."""
        self._place(path).write_bytes(content)
        self.add(path)

    def add(self, path: str) -> None:
        """Take in a file that lies in the folder already."""
        self.entries[path] = digest_file(self.folder / path, path)

    def keep_only(self, parent: str, names: Collection[str]) -> None:
        """Delete what was copied to a folder, but for these names."""
        wanted = {f"{parent}/{name}" for name in names}
        for path in [each for each in self.entries if each.startswith(f"{parent}/") and each not in wanted]:
            (self.folder / path).unlink()
            del self.entries[path]

    def _take(self, opened: IO[bytes], path: str) -> None:
        target = os.open(self._place(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_READS)
        digests = _Digests()
        with os.fdopen(target, "wb") as file:
            for chunk in _chunks(opened):
                file.write(chunk)
                digests.update(chunk)
        self.entries[path] = digests.entry(path)

    def _link(self, path: str, state: os.stat_result) -> bool:
        """Whether the earlier backup holds the file, by name, size and time, and could be linked to."""
        known = self.earlier.entries.get(path) if self.earlier else None
        if self.earlier is None or known is None:
            return False
        held = self.earlier.folder / path
        try:
            before = held.stat()
            if (before.st_size, before.st_mtime_ns) != (state.st_size, state.st_mtime_ns):
                return False
            os.link(held, self._place(path))
        except OSError:  # gone, or a file system without links
            return False
        self.entries[path] = known
        self.linked += 1
        return True

    def _place(self, path: str) -> Path:
        target = self.folder / path
        target.parent.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
        return target


class _Digests:
    """Both digests of what goes by."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self._sm3 = hashes.Hash(hashes.SM3())
        self._bytes = 0

    def update(self, chunk: bytes) -> None:
        self._sha256.update(chunk)
        self._sm3.update(chunk)
        self._bytes += len(chunk)

    def entry(self, path: str) -> FileEntry:
        sm3 = self._sm3.finalize().hex()
        return FileEntry(path=path, bytes=self._bytes, sha256=self._sha256.hexdigest(), sm3=sm3)


def digest_file(file: Path, path: str) -> FileEntry:
    """A file with its digests, under a path.

    Raises:
        OSError: it can't be read.
    """
    digests = _Digests()
    with file.open("rb") as opened:
        for chunk in _chunks(opened):
            digests.update(chunk)
    return digests.entry(path)


def _chunks(opened: IO[bytes]) -> Iterator[bytes]:
    while chunk := opened.read(_CHUNK):
        yield chunk
