"""Hyperscan databases, compiled once and kept on disk: what a folder of rules needs takes seconds to compile.

A kept database is known by a hash of everything that goes into it, so that another pattern, flag or version of
Hyperscan is another database.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TypeAlias

import hyperscan

from detection.kept_file import keep, read_kept

Compiled: TypeAlias = tuple[int, bytes, int]
"""Number, expression and flags, as Hyperscan takes them."""

_FORMAT = b"fengsui hyperscan 1"
_DIGEST_BYTES = 32
_WORTH_KEEPING_SECONDS = 0.002
_MOST_KEPT = 500


@dataclass(frozen=True, slots=True)
class DatabaseCache:
    """Compiled databases in a folder that nobody but its owner may write to; without a folder nothing is kept."""

    folder: Path | None = None

    def database(self, compiled: Sequence[Compiled]) -> hyperscan.Database | None:
        """A database of the expressions; None when there are none, or Hyperscan refuses one of them."""
        if not compiled:
            return None
        path = self._path(compiled)
        kept = _loaded(path) if path else None
        if kept is not None:
            return kept
        started = time.perf_counter()
        database = _compile(compiled)
        if path and database is not None and time.perf_counter() - started > _WORTH_KEEPING_SECONDS:
            keep(path, hyperscan.dumpb(database), _MOST_KEPT)
        return database

    def _path(self, compiled: Sequence[Compiled]) -> Path | None:
        if self.folder is None:
            return None
        digest = hashlib.blake2b(_compiler(), digest_size=_DIGEST_BYTES)
        digest.update(
            b"".join(
                [
                    b"\n%d %d %d %b" % (number, flags, len(expression), expression)
                    for number, expression, flags in compiled
                ]
            )
        )
        return self.folder / f"{digest.hexdigest()}.hsdb"


@cache
def _compiler() -> bytes:
    return _FORMAT + version("hyperscan").encode()


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


def _loaded(path: Path) -> hyperscan.Database | None:
    """The database that a file holds; None where there is none, and it is compiled anew."""
    data = read_kept(path)
    if data is None:
        return None
    try:
        database = hyperscan.loadb(data, hyperscan.HS_MODE_BLOCK)
        database.scratch = hyperscan.Scratch(database)
    except hyperscan.error:
        return None
    return database
