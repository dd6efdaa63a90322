"""The names of an event's fields, kept once an index for all events that have them.

An event's text begins with the digest of its list of names, or with the list itself where the index has no room for
more lists. They lie in files of the index's folder that never change, each on disk before an event that needs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import TypeAlias

import orjson

from store.embedded.layout import sync
from store.errors import StoreError

Names: TypeAlias = tuple[str, ...]

_FILES, _NEW_FILE = "names-*.json", ".names.new"
_MOST_FILES, _MOST_BYTES = 64, 1 << 20
"""Of an index: events of ever new shapes make neither many files nor large ones."""
_DIGEST_BYTES = 8


class NameList:
    """The names of the fields that events of a shape have, as they are written."""

    __slots__ = ("digest", "line")

    def __init__(self, names: Names) -> None:
        """``line`` is the list as JSON, ``digest`` stands for it."""
        self.line = orjson.dumps(names).decode()
        self.digest = _digest(self.line)


class HeldNames:
    """The lists that an index keeps, as far as they were looked for; safe between threads."""

    def __init__(self, folder: Path) -> None:
        """Look for those of the index in ``folder``; raises what ``look`` raises."""
        self._folder = folder
        self._read: set[Path] = set()
        self.lists: dict[str, Names] = {}
        self.look()

    def look(self) -> None:
        """Take over, by digest, the lists of files that came since the last look.

        Raises:
            FileNotFoundError: the index has been dropped.
            StoreError: a file is damaged.
        """
        for path in self._folder.glob(_FILES):
            if path not in self._read:
                self.lists.update(_read_lists(path))
                self._read.add(path)


class KnownNames:
    """The lists that an open writer can refer to; new ones are to be kept before the commit of the events."""

    def __init__(self, folder: Path) -> None:
        """What the index in ``folder`` keeps is known."""
        self._folder = folder
        self._known = set(HeldNames(folder).lists)
        files = [path.stat().st_size for path in folder.glob(_FILES)]
        self._files, self._bytes = len(files), sum(files)
        self._new: dict[str, str] = {}

    def beginning(self, names: NameList) -> str:
        """What the text of an event with these names begins with."""
        if names.digest in self._known:
            return names.digest
        if self._files >= _MOST_FILES or self._bytes + len(names.line) > _MOST_BYTES:
            return names.line
        self._known.add(names.digest)
        self._new[names.digest] = names.line
        self._bytes += len(names.line)
        return names.digest

    def keep(self) -> None:
        """Bring the new lists to the disk.

        Raises:
            OSError: the disk refuses.
        """
        if not self._new:
            return
        content = orjson.dumps({digest: orjson.Fragment(line) for digest, line in self._new.items()})
        staged = self._folder / _NEW_FILE
        staged.write_bytes(content)
        sync(staged)
        staged.rename(self._folder / _FILES.replace("*", _digest(content.decode())))
        sync(self._folder)
        self._files += 1
        self._new.clear()


def _read_lists(path: Path) -> Mapping[str, Names]:
    try:
        lists = {digest: tuple(map(str, names)) for digest, names in orjson.loads(path.read_bytes()).items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise _damaged(path) from error
    if any(NameList(names).digest != digest for digest, names in lists.items()):
        raise _damaged(path)
    return lists


def _damaged(path: Path) -> StoreError:
    return StoreError(f"{path}: damaged, events can't be read without it; restore the folder from a backup")


def _digest(line: str) -> str:
    return blake2b(line.encode(), digest_size=_DIGEST_BYTES).hexdigest()
