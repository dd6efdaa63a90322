"""Copying files into a backup, sealed and with their digests, and linking those that an earlier one holds already."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from cryptography.hazmat.primitives import hashes

from fengsui.backup.manifest import FileEntry
from fengsui.backup.sealed_files import new_key, read_chunks, seal_chunks, sealed_size

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
            self.take(opened, path)

    def copy_unchanging(self, source: Path, path: str) -> None:
        """Copy a file that never changes once it is written, or link the earlier backup's copy of it.

        Raises:
            FileNotFoundError: it is gone.
        """
        with source.open("rb") as opened:
            state = os.fstat(opened.fileno())
            if not self._link(path, state):
                self.take(opened, path)
                os.utime(self.folder / path, ns=(state.st_atime_ns, state.st_mtime_ns))

    def write(self, content: bytes, path: str) -> None:
        """Keep a small file."""
        self.take(io.BytesIO(content), path)

    def take(self, opened: IO[bytes], path: str) -> None:
        """Seal what is left of an open file, which may be a pipe; it is never on this disk in plain."""
        key, digests = new_key(), Digests()
        target = self.folder / path
        target.parent.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
        target.unlink(missing_ok=True)  # not written over: it may be linked to
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_READS), "wb") as file:
            file.writelines(seal_chunks(digests.of(read_chunks(opened)), key, path))
        self.entries[path] = digests.entry(path, key)

    def keep_only(self, parent: str, names: Collection[str]) -> None:
        """Delete what was copied to a folder, but for these names."""
        wanted = {f"{parent}/{name}" for name in names}
        for path in [each for each in self.entries if each.startswith(f"{parent}/") and each not in wanted]:
            (self.folder / path).unlink()
            del self.entries[path]

    def _link(self, path: str, state: os.stat_result) -> bool:
        """Whether the earlier backup holds the file, by name, size and time, and could be linked to."""
        known = self.earlier.entries.get(path) if self.earlier else None
        if self.earlier is None or known is None or known.bytes != state.st_size:
            return False
        held, target = self.earlier.folder / path, self.folder / path
        try:
            before = held.stat()
            if (before.st_size, before.st_mtime_ns) != (sealed_size(known.bytes), state.st_mtime_ns):
                return False
            target.parent.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
            os.link(held, target)
        except OSError:  # gone, or a file system without links
            return False
        self.entries[path] = known
        self.linked += 1
        return True


class Digests:
    """Both digests of what goes by."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._sha256 = hashlib.sha256()
        self._sm3 = hashes.Hash(hashes.SM3())
        self._bytes = 0

    def of(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The same chunks, taken into account as they go by."""
        for chunk in chunks:
            self._sha256.update(chunk)
            self._sm3.update(chunk)
            self._bytes += len(chunk)
            yield chunk

    def entry(self, path: str, key: bytes) -> FileEntry:
        """What went by, as the file of a path; to be asked once."""
        sm3 = self._sm3.finalize().hex()
        return FileEntry(path=path, bytes=self._bytes, sha256=self._sha256.hexdigest(), sm3=sm3, key=key.hex())
