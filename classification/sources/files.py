"""Files and folders of files."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from classification.sources.contract import Problem, Resource
from classification.sources.database import sqlite_file
from classification.sources.encodings import read_head
from classification.sources.errors import UnreadableError
from classification.sources.recognition import SQLITE_MAGIC, resources_in
from classification.sources.unexpected import unexpected


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file, or every regular file in a folder and below it; links to folders are not followed."""

    path: Path

    @property
    def name(self) -> str:
        """The path as it was given."""
        return str(self.path)

    def resources(self) -> Iterator[Resource | Problem]:
        """The tables, sheets and texts of each file, in the order of the files' names."""
        if not self.path.is_dir():
            yield from _in_file(self.path)
            return
        for path in _files_below(self.path):
            yield from [path] if isinstance(path, Problem) else _in_file(path)


def _in_file(path: Path) -> Iterator[Resource | Problem]:
    name = str(path)
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            yield Problem(name, "a device, pipe or socket and no file; name a file", "unknown_kind")
        elif read_head(path).startswith(SQLITE_MAGIC):
            yield from sqlite_file(path).resources()
        else:
            yield from resources_in(path, name)
    except OSError as error:
        yield Problem(name, f"{error.strerror}; give this user the right to read it", "not_permitted")
    except UnreadableError as error:
        yield Problem(name, str(error), error.fault)
    except Exception as error:  # noqa: BLE001 (one file must not end the look at a folder)
        yield unexpected(name, error)


def _files_below(folder: Path) -> Iterator[Path | Problem]:
    """Sorted at each level, so that two looks give one order."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        detail = f"{error.strerror}; give this user the right to read the folder"
        yield Problem(str(folder), detail, "not_permitted")
        return
    for entry in entries:
        if entry.is_dir() and not entry.is_symlink():
            yield from _files_below(entry)
        elif not entry.is_dir() and (entry.is_file() or not entry.exists()):
            yield entry
