"""The sample city as sources: its day is moved so that most of it lies behind and the rest arrives live."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from collectors.sources.config import FileSourceConfig

CITY = Path(__file__).resolve().parent.parent / "samples" / "city"
ZONE = "Asia/Shanghai"
PRESENT = datetime.fromisoformat("2026-11-18T10:25:00+08:00")
"""The moment of the sample day that becomes the start: the misuse of the night and the break-in lie behind, the
attacker's way through the office network arrives in the next minutes."""

# A combined access log does not say which server wrote it.
_FORMATS = {"nginx-access.log": "nginx"}


def demo_sources() -> tuple[FileSourceConfig, ...]:
    """One source a sample file, all with the same present."""
    return tuple(
        FileSourceConfig(
            name=f"demo.{path.name.partition('.')[0]}",
            paths=(str(path),),
            format=_FORMATS.get(path.name),
            timezone=ZONE,
            pace="recorded",
            present=PRESENT,
        )
        for path in sorted(CITY.iterdir())
    )
