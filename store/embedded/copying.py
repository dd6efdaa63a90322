"""Copying an index as of one commit, while its writer goes on.

A commit is a file that names segments, whose files never change and are deleted when they have been merged away. So the
files of a commit are copied one by one; when one is gone meanwhile, there is a newer commit to begin with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from store.embedded.layout import META
from store.errors import StoreError

_MANAGED = ".managed.json"
_SEGMENT_FILE = re.compile(r"([0-9a-f]{32})\.")
_ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class Commit:
    """An index as of one commit: names of the files that never change, the small ones that say which, its events."""

    files: tuple[str, ...]
    descriptions: dict[str, bytes]
    events: int


def commit_of(folder: Path) -> Commit:
    """The latest commit of an index.

    Raises:
        FileNotFoundError: the index has been dropped.
        StoreError: its description is damaged.
    """
    content = (folder / META).read_bytes()
    try:
        described = orjson.loads(content)["segments"]
        segments = {str(each["segment_id"]).replace("-", "") for each in described}
        events = sum(each["max_doc"] - (each["deletes"] or {}).get("num_deleted_docs", 0) for each in described)
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{folder / META}: damaged; restore the folder from a backup") from error
    files = tuple(sorted(path.name for path in folder.iterdir() if _belongs(path.name, segments)))
    managed = orjson.dumps([*(name for name in files if _SEGMENT_FILE.match(name)), META])
    return Commit(files, {_MANAGED: managed, META: content}, events)


def commits(folder: Path) -> Iterator[Commit]:
    """The latest commit, and again the latest each time it is asked for: for a copy that has to begin anew.

    Raises:
        FileNotFoundError: the index has been dropped.
        StoreError: it changes faster than it can be copied.
    """
    for _ in range(_ATTEMPTS):
        yield commit_of(folder)
    raise StoreError(f"{folder}: merged away {_ATTEMPTS} times while it was copied; try again when less is written")


def _belongs(name: str, segments: set[str]) -> bool:
    """Whether a file belongs to the segments, or is no segment's: neither locks nor what is being written."""
    if name.startswith(".") or name == META:
        return False
    found = _SEGMENT_FILE.match(name)
    return found is None or found[1] in segments
