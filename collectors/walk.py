"""Which files of a folder are logs: everything but what stands beside logs without being one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from policies import load_policy


class WalkPolicy(BaseModel):
    """Names that are passed over when a folder is walked; a file named by itself is always read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    passed_over: tuple[str, ...]


@cache
def walk_policy() -> WalkPolicy:
    """The policy in ``policies/collection/walk.yml``."""
    return load_policy("collection/walk.yml", WalkPolicy)


def log_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files to read: each path that is a file, and below each folder every file that may be a log, by name."""
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.is_file() and _may_be_log(file))
        else:
            yield path


def _may_be_log(file: Path) -> bool:
    return not any(fnmatch(file.name.lower(), pattern) for pattern in walk_policy().passed_over)
