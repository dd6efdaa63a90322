"""The folders of the store: ``<class>/<YYYY-MM-DD>`` or ``<class>/implausible``, each one index.

An index is made aside and renamed into place, and renamed away before it is deleted, so that a crash leaves either
all of it or none.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import IO

import orjson
import tantivy

from events import FieldType
from store.embedded.schema import build_schema, tuned
from store.errors import StoreError, StoreLockedError
from store.placement import IndexKey

_IMPLAUSIBLE = "implausible"
_NEW, _DROPPED, _FORMER = ".new-", ".dropped-", ".former-"
_FIELDS = "fields.json"
META = "meta.json"
LAYOUT = 4
"""The number of the layout that this version writes and reads."""


def folder_of(root: Path, key: IndexKey) -> Path:
    """Where an index lies below the store's folder."""
    return root / key.retention_class / (key.day.isoformat() if key.day else _IMPLAUSIBLE)


def list_indexes(root: Path) -> list[IndexKey]:
    """The indexes held, oldest day first, implausible times last."""
    keys = []
    for class_folder in _folders(root):
        for folder in _folders(class_folder):
            if folder.name == _IMPLAUSIBLE:
                keys.append(IndexKey(class_folder.name, None))
            elif (day := _day(folder.name)) is not None:
                keys.append(IndexKey(class_folder.name, day))
    return sorted(keys, key=lambda key: (key.day or date.max, key.day is None, key.retention_class))


def create_index(root: Path, key: IndexKey, types: Mapping[str, FieldType]) -> None:
    """Make an empty index with these typed fields, unless it is there."""
    folder = folder_of(root, key)
    if folder.exists():
        return
    staged = folder.with_name(f"{_NEW}{folder.name}")
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    (staged / _FIELDS).write_bytes(orjson.dumps({"version": LAYOUT, "fields": types}))
    tantivy.Index(build_schema(types), path=str(staged))
    (staged / META).write_bytes(orjson.dumps(tuned(orjson.loads((staged / META).read_bytes()))))
    sync(staged / _FIELDS, staged / META, staged)
    staged.rename(folder)
    sync(folder.parent, root)


def read_types(folder: Path, expected: int = LAYOUT) -> Mapping[str, FieldType]:
    """The typed fields that an index was made with.

    Raises:
        StoreError: the index has another layout than this version's, or the file is damaged.
    """
    layout, types = _description(folder)
    if layout != expected:
        advice = "run `fengsui store init` once" if layout < expected else "use the version that wrote it"
        raise StoreError(f"{folder}: the index has layout {layout}, this version reads layout {expected}; {advice}")
    return types


def schema_of(folder: Path) -> tantivy.Schema:
    """The schema of an index of the present layout; one and the same for all indexes with the same typed fields."""
    return _schema((folder / _FIELDS).read_bytes())


@lru_cache(maxsize=16)
def _schema(description: bytes) -> tantivy.Schema:
    return build_schema(_read_description(description)[1])


def layout_of(folder: Path) -> int:
    """The number of an index's layout."""
    return _description(folder)[0]


def _description(folder: Path) -> tuple[int, Mapping[str, FieldType]]:
    try:
        return _read_description((folder / _FIELDS).read_bytes())
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{folder / _FIELDS}: damaged ({error}); restore the folder from a backup") from error


@lru_cache(maxsize=16)
def _read_description(content: bytes) -> tuple[int, Mapping[str, FieldType]]:
    """Number of the layout and typed fields; the same for nearly every index."""
    described = orjson.loads(content)
    return int(described["version"]), {name: FieldType(kind) for name, kind in described["fields"].items()}


def drop_index(root: Path, key: IndexKey) -> None:
    """Take an index out of sight, then delete its files; readers that have it open keep what they see."""
    folder = folder_of(root, key)
    away = folder.with_name(f"{_DROPPED}{folder.name}")
    shutil.rmtree(away, ignore_errors=True)
    folder.rename(away)
    sync(folder.parent)
    shutil.rmtree(away)


def exchange(folder: Path, successor: Path) -> None:
    """Put an index in the place of another; after a crash in between the former is found again."""
    former = folder.with_name(f"{_FORMER}{folder.name}")
    folder.rename(former)
    successor.rename(folder)
    sync(folder.parent)
    shutil.rmtree(former)


def clear_remains(root: Path) -> None:
    """Delete what a crash left of indexes half made or half deleted; put back what was about to be replaced."""
    for class_folder in _folders(root):
        for folder in class_folder.iterdir():
            place = folder.with_name(folder.name.removeprefix(_FORMER))
            if folder.name.startswith(_FORMER) and not place.exists():
                folder.rename(place)
            elif folder.name.startswith((_NEW, _DROPPED, _FORMER)):
                shutil.rmtree(folder)


def lock_for_writing(root: Path) -> IO[bytes]:
    """Become the one writer of the store; the lock ends with the process, however that ends.

    Raises:
        StoreLockedError: another process writes to the store.
    """
    root.mkdir(parents=True, exist_ok=True)
    lock = (root / ".writer.lock").open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise StoreLockedError(
            f"{root}: another process writes to this event store; stop it or open to read"
        ) from error
    return lock


def sync(*paths: Path) -> None:
    """Bring files, or the names in folders, to the disk."""
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def folder_bytes(folder: Path) -> int:
    """The size of an index on disk."""
    total = 0
    for entry in os.scandir(folder):
        try:
            total += entry.stat().st_size
        except FileNotFoundError:  # merged away meanwhile
            continue
    return total


def _folders(parent: Path) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(parent), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    yield from (Path(entry.path) for entry in entries if entry.is_dir() and (entry.name[0] != "."))


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(name) if len(name) == len("2026-01-31") else None
    except ValueError:
        return None
