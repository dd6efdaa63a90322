"""Read rules kept on disk: parsing thousands of YAML files takes seconds, looking up what they held does not.

What a file held is known by a hash of its content, so that a changed file is parsed again and no other. All files of
a folder of rules are kept together in one file, whose name stands for everything else that a reading depends on: the
code that reads, the libraries under it, the values of placeholders. It begins with a hash of its own content; what is
damaged, or could have been written by somebody else, is not looked at.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

import orjson

from detection.rules.modifiers import Placeholders
from detection.rules.reading import FileReading
from detection.rules.reading_coding import NotKeptError, Plain, plain_reading, reading_of

_DIGEST_BYTES = 32
_MOST_KEPT = 20
_OTHERS_MAY_WRITE = 0o022
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
            _store(self._path, orjson.dumps(self._used))
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
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    for name in _LIBRARIES:
        digest.update(f"{name} {version(name)}\n".encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.digest()


def _key(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()


def _load(path: Path) -> dict[str, Plain]:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if status.st_uid != os.geteuid() or status.st_mode & _OTHERS_MAY_WRITE:
                return {}
            content = file.read()
    except OSError:
        return {}
    digest, data = content[:_DIGEST_BYTES], memoryview(content)[_DIGEST_BYTES:]
    if hashlib.blake2b(data, digest_size=_DIGEST_BYTES).digest() != digest:
        return {}
    kept = orjson.loads(data)
    return kept if isinstance(kept, dict) else {}


def _store(path: Path, data: bytes) -> None:
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(hashlib.blake2b(data, digest_size=_DIGEST_BYTES).digest() + data)
        Path(file.name).replace(path)
        _drop_oldest(sorted(path.parent.glob("*.rules"), key=lambda each: each.stat().st_mtime))


def _drop_oldest(kept: Sequence[Path]) -> None:
    for old in kept[:-_MOST_KEPT]:
        old.unlink(missing_ok=True)
