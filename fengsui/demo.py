"""The sample city as sources: its day happens every day, each record at its own time of day."""

from __future__ import annotations

from pathlib import Path

from collectors.sources.config import FileSourceConfig

CITY = Path(__file__).resolve().parent.parent / "samples" / "city"
ZONE = "Asia/Shanghai"

# A line of the combined access log does not say which server wrote it.
_FORMATS = {"nginx-access.log": "nginx"}


def demo_sources() -> tuple[FileSourceConfig, ...]:
    """One source a sample file."""
    return tuple(
        FileSourceConfig(
            name=f"demo.{path.name.partition('.')[0]}",
            paths=(str(path),),
            format=_FORMATS.get(path.name),
            timezone=ZONE,
            pace="daily",
        )
        for path in sorted(CITY.iterdir())
    )
