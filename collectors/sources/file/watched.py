"""A file under watch: held open, so that what was written is read even when its name is gone."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO


@dataclass(slots=True)
class Watched:
    """One inode, with when (monotonic seconds) it was last seen to change.

    Attributes:
        is_read: what it holds was read to the end, and it has not changed since.
        is_partial: it was read but for a last line without newline, and has not changed since.
    """

    path: Path
    inode: str
    file: BinaryIO
    since: float
    size: int = -1
    modified_ns: int = -1
    is_read: bool = False
    is_partial: bool = False

    def look(self, now: float) -> None:
        """Note whether it changed."""
        stat = os.fstat(self.file.fileno())
        if (stat.st_size, stat.st_mtime_ns) != (self.size, self.modified_ns):
            self.size, self.modified_ns = stat.st_size, stat.st_mtime_ns
            self.since = now
            self.is_read = self.is_partial = False

    @property
    def modified_ms(self) -> int:
        """When its content was last changed, ms since 1970 UTC."""
        return self.modified_ns // 1_000_000
