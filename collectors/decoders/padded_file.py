"""A file that reads as if zeros followed its end, so that a reader of fixed blocks sees a cut block too."""

from __future__ import annotations

import io
from pathlib import Path
from types import TracebackType
from typing import Self


class PaddedFile:
    """A read-only file filled up with zeros to a whole number of blocks after its header.

    Args:
        path: the file.
        header: bytes before the first block.
        block: bytes of a block.
    """

    def __init__(self, path: Path, header: int, block: int) -> None:
        self._file = path.open("rb")
        self._real = path.stat().st_size
        self.size = self._real + -(self._real - header) % block
        self._place = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to an offset from the start, the present place or the padded end."""
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self.size}[whence]
        self._place = max(origin + offset, 0)
        return self._place

    def tell(self) -> int:
        """The present place."""
        return self._place

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes from the present place, all to the padded end where it is negative."""
        left = max(self.size - self._place, 0)
        wanted = left if size < 0 else min(size, left)
        self._file.seek(self._place)
        data = self._file.read(wanted).ljust(wanted, b"\0")
        self._place += wanted
        return data
