"""Read rules kept on disk: parsing thousands of YAML files takes seconds, looking up what they held does not.

What a file held is known by a hash of its content, so that a changed file is parsed again and no other. All files of
a folder of rules are kept together in one file, whose name stands for everything else that a reading depends on: the
code that reads, the libraries under it, the values of placeholders.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import orjson

from detection.kept_file import code_digest, keep, read_kept
from detection.rules.modifiers import Placeholders
from detection.rules.reading import FileReading
from detection.rules.reading_coding import NotKeptError, Plain, plain_reading, reading_of

_DIGEST_BYTES = 32
_MOST_KEPT = 20
_LIBRARIES = ("pyyaml", "regex", "orjson")


@dataclass(frozen=True, slots=True)
class ReadingCache:
    """Readings in a folder that nobody but its owner may write to."""

    folder: Path

    def open(self, paths: Iterable[Path], placeholders: Placeholders) -> KeptReadings:
        """What is kept of these files and folders, as read with these values of placeholders."""
        digest = hashlib.blake2b(_reader(), digest_size=_DIGEST_BYTES)
        digest.update(orjson.dumps({name: list(values) for name, values in placeholders.items()}))
        for path in paths:
            digest.update(b"\n" + os.fsencode(path.resolve()))
        return KeptReadings(self.folder / f"{digest.hexdigest()}.rules")


class KeptReadings:
    """The readings kept in one file, by the content that they were made of."""

    def __init__(self, path: Path) -> None:
        """Look up what the file at ``path`` holds; nothing where it is absent, damaged or not ours."""
        self._path = path
        self._kept = _load(path)
        self._used: dict[str, Plain] = {}
        self._changed = False

    def get(self, path: Path, content: bytes) -> FileReading | None:
        """The reading of a file at ``path`` with this content, None where it is not kept."""
        key = _key(content)
        data = self._kept.get(key)
        if data is None:
            return None
        try:
            reading = reading_of(data, path)
        except (TypeError, ValueError, LookupError):
            return None
        self._used[key] = data
        return reading

    def add(self, content: bytes, reading: FileReading) -> None:
        """Keep a reading, if it can be."""
        with suppress(NotKeptError):
            self._used[_key(content)] = plain_reading(reading)
            self._changed = True

    def save(self) -> None:
        """Write what was looked up and added, whole or not at all; a folder that can't be written only costs time."""
        if self._changed or len(self._used) < len(self._kept):
            keep(self._path, orjson.dumps(self._used), _MOST_KEPT)
        else:
            with suppress(OSError):
                os.utime(self._path)


def default_reading_cache() -> ReadingCache:
    """Readings kept under the user's cache folder (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return ReadingCache(Path(base) / "fengsui" / "rules")


@cache
def _reader() -> bytes:
    """Stands for the code that reads rules and the libraries under it."""
    return code_digest([Path(__file__).parent], _LIBRARIES)


def _key(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()


def _load(path: Path) -> dict[str, Plain]:
    data = read_kept(path)
    kept = orjson.loads(data) if data else {}
    return kept if isinstance(kept, dict) else {}
