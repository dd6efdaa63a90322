"""Hyperscan databases, compiled once and kept on disk: what a folder of rules needs takes seconds to compile.

A kept database is known by a hash of everything that goes into it, so that another pattern, flag or version of
Hyperscan is another database. Its file begins with a hash of its own content: what is damaged is compiled anew.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TypeAlias

import hyperscan

Compiled: TypeAlias = tuple[int, bytes, int]
"""Number, expression and flags, as Hyperscan takes them."""

_FORMAT = b"fengsui hyperscan 1"
_DIGEST_BYTES = 32
_WORTH_KEEPING_SECONDS = 0.02
_MOST_KEPT = 500
_OTHERS_MAY_WRITE = 0o022


@dataclass(frozen=True, slots=True)
class DatabaseCache:
    """Compiled databases in a folder that nobody but its owner may write to; without a folder nothing is kept."""

    folder: Path | None = None

    def database(self, compiled: Sequence[Compiled]) -> hyperscan.Database | None:
        """A database of the expressions; None when there are none, or Hyperscan refuses one of them."""
        if not compiled:
            return None
        path = self._path(compiled)
        kept = _read(path) if path else None
        if kept is not None:
            return kept
        started = time.perf_counter()
        database = _compile(compiled)
        if path and database is not None and time.perf_counter() - started > _WORTH_KEEPING_SECONDS:
            _write(path, hyperscan.dumpb(database))
        return database

    def _path(self, compiled: Sequence[Compiled]) -> Path | None:
        if self.folder is None:
            return None
        digest = hashlib.blake2b(_FORMAT + version("hyperscan").encode(), digest_size=_DIGEST_BYTES)
        for number, expression, flags in compiled:
            digest.update(b"\n%d %d %d " % (number, flags, len(expression)))
            digest.update(expression)
        return self.folder / f"{digest.hexdigest()}.hsdb"


def default_cache() -> DatabaseCache:
    """Databases kept under the user's cache folder (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return DatabaseCache(Path(base) / "fengsui" / "hyperscan")


def _compile(compiled: Sequence[Compiled]) -> hyperscan.Database | None:
    numbers, expressions, flags = zip(*compiled, strict=True)
    database = hyperscan.Database()
    try:
        database.compile(expressions=expressions, ids=numbers, flags=flags)
    except hyperscan.error:
        return None
    return database


def _read(path: Path) -> hyperscan.Database | None:
    """The database of a file that is ours and whole; None where there is none, and it is compiled anew."""
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if status.st_uid != os.geteuid() or status.st_mode & _OTHERS_MAY_WRITE:
                return None
            content = file.read()
        digest, data = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
        if _digest(data) != digest:
            return None
        database = hyperscan.loadb(data, hyperscan.HS_MODE_BLOCK)
        database.scratch = hyperscan.Scratch(database)
    except (OSError, hyperscan.error):
        return None
    return database


def _write(path: Path, data: bytes) -> None:
    """Keep a database, whole or not at all; a folder that can't be written to only costs time."""
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(_digest(data) + data)
        Path(file.name).replace(path)
        kept = sorted(path.parent.glob("*.hsdb"), key=lambda each: each.stat().st_mtime)
        for old in kept[:-_MOST_KEPT]:
            old.unlink(missing_ok=True)


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_DIGEST_BYTES).digest()
