"""A disk that need not turn, for tests that aren't about the disk."""

from __future__ import annotations

import shutil
from pathlib import Path

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 (files in it have names of their own)
_ROOM = 1 << 30


def memory() -> Path | None:
    """Where temporary files may lie in memory; None where there is no such place, or too little room in it."""
    if _SHARED_MEMORY.is_dir() and shutil.disk_usage(_SHARED_MEMORY).free > _ROOM:
        return _SHARED_MEMORY
    return None
