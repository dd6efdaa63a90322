"""jemalloc for processes that take events in, where it is installed.

They allocate texts of a few kilobytes in one thread and free them in others, where the C library's own allocator
searches ever longer for room and keeps more memory.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

_VARIABLE = "LD_PRELOAD"
_LIBRARY = "libjemalloc.so.2"
_FOLDERS = ("/usr/lib", "/usr/lib64", "/usr/local/lib")
_SECONDS = 20


def preloading(folders: Sequence[str] = _FOLDERS) -> dict[str, str]:
    """The environment by which a process gets jemalloc.

    Empty where it is not installed or no process starts with it (one built for other memory pages ends at once), and
    where the variable is set, were it to nothing: that is the operator's choice.

    Args:
        folders: where libraries lie, or folders named after the machine that hold them.
    """
    if _VARIABLE in os.environ:
        return {}
    return next(({_VARIABLE: str(path)} for path in _installed(folders) if _starts_with(path)), {})


def in_use() -> bool:
    """Whether this process runs on jemalloc."""
    try:
        return _LIBRARY in Path("/proc/self/maps").read_text(encoding="utf-8")
    except OSError:
        return False


def _installed(folders: Sequence[str]) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(Path(folder).glob(_LIBRARY))
        yield from sorted(Path(folder).glob(f"*/{_LIBRARY}"))


def _starts_with(library: Path) -> bool:
    """Whether a process starts with the library, and without complaint."""
    trial = [sys.executable, "-I", "-c", "pass"]
    environment = {**os.environ, _VARIABLE: str(library)}
    try:
        tried = subprocess.run(  # noqa: S603 (argument list, no shell: this interpreter)
            trial, env=environment, capture_output=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0 and not tried.stderr
