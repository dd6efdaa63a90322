"""What the settings allow scans of data to reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SourceLimits:
    """What the settings allow.

    Attributes:
        folders: files and folders within these may be scanned.
        secrets: the folder of the files that ``file:NAME`` reads a password from.
    """

    folders: Sequence[Path] = ()
    secrets: Path | None = None
