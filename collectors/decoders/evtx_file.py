"""An EVTX file as its reader should see it, whatever was done to the file.

Layout: libevtx, "Windows XML Event Log (EVTX) format".
"""

from __future__ import annotations

import io
from pathlib import Path
from types import TracebackType
from typing import Self

HEADER_BYTES = 4096
CHUNK_BYTES = 65536
SMALLEST_RECORD = 28
_RECORD = b"**\0\0"
_TABLES = range(128, 512)
"""Where a chunk keeps the offsets of its shared names and templates."""


class EvtxFile:
    """A read-only file in which a cut last chunk goes on with zeros after its last whole record, and tables are blank.

    Without the tables the reader finds names and templates where records refer to them. With them, a broken offset
    loses the whole chunk, and offsets that run in a circle keep the reader from ever returning.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        real = path.stat().st_size
        self.size = real + -(real - HEADER_BYTES) % CHUNK_BYTES
        self._end = self._end_of_records(real)
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
        real = max(min(wanted, self._end - self._place), 0)
        data = bytearray(self._file.read(real).ljust(wanted, b"\0"))
        self._blank_tables(data)
        self._place += wanted
        return bytes(data)

    def _end_of_records(self, real: int) -> int:
        """Where the last whole record of a cut chunk ends, else where the file does.

        A record that is cut would be read with zeros for what is missing, and look whole.
        """
        rest = (real - HEADER_BYTES) % CHUNK_BYTES
        if real < HEADER_BYTES or rest == 0:
            return real
        self._file.seek(real - rest)
        chunk = self._file.read(rest)
        place = _TABLES.stop
        while chunk[place : place + 4] == _RECORD:
            size = int.from_bytes(chunk[place + 4 : place + 8], "little")
            if size < SMALLEST_RECORD or place + size > rest:
                break
            place += size
        return real - rest + min(place, rest)

    def _blank_tables(self, data: bytearray) -> None:
        """Blank what ``data``, read at the present place, holds of the tables."""
        first = max((self._place - HEADER_BYTES) // CHUNK_BYTES, 0)
        for chunk in range(HEADER_BYTES + first * CHUNK_BYTES, self._place + len(data), CHUNK_BYTES):
            start = max(chunk + _TABLES.start - self._place, 0)
            end = min(chunk + _TABLES.stop - self._place, len(data))
            if start < end:
                data[start:end] = bytes(end - start)
