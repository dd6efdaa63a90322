"""Java Development Kits of the machine."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from tests.servers.lacking import lacking

_VERSION = re.compile(r'^JAVA_VERSION="(\d+)', re.MULTILINE)


def java_home(least: int, *, tool: str = "java") -> Path:
    """The home of the oldest Java of at least this version that has a tool (``jlink`` comes with whole JDKs only)."""
    fitting = [
        (found, home) for home in _homes() if (home / "bin" / tool).exists() and (found := _version(home)) >= least
    ]
    if not fitting:
        packages = f"openjdk-{least}-jdk-headless (or a later one, or a Temurin JDK below /usr/lib/jvm)"
        lacking(f"no JDK {least} or later with {tool}: apt-get install {packages}, or set JAVA_HOME")
    return min(fitting)[1]


def _homes() -> Iterator[Path]:
    if named := os.environ.get("JAVA_HOME"):
        yield Path(named)
    for folder in ("/usr/lib/jvm", "/opt"):
        yield from sorted(Path(folder).glob("*"))


def _version(home: Path) -> int:
    release = home / "release"
    found = _VERSION.search(release.read_text(encoding="utf-8")) if release.is_file() else None
    return int(found.group(1)) if found else 0
