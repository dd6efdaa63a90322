"""Bytes of one file or archive member, read forward once, with what went wrong on the way."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from zipfile import BadZipFile

from collectors.decoders.expansion import ExpandsTooFarError
from collectors.record import DeadLetter, Reason

READ_BYTES = 1 << 18
"""How much is read at a time; small enough that a cut stream loses little, large enough to be fast."""
PEEK_BYTES = 1 << 16

_BROKEN = (zlib.error, BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError)


class ByteSource:
    """Decompressed bytes; an error of the layers below ends them and is kept in ``failure``.

    Args:
        read: returns up to so many bytes, nothing at the end.
        below: the source that ``read`` decompresses.
        path: the file, where the bytes are just those of a file.
        stream: the same, as a stream that may be able to seek.
    """

    def __init__(
        self,
        read: Callable[[int], bytes],
        *,
        below: ByteSource | None = None,
        path: Path | None = None,
        stream: BinaryIO | None = None,
    ) -> None:
        self._read = read
        self._below = below
        self._ahead = b""
        self._failure: DeadLetter | None = None
        self.path = path
        self.stream = stream if stream is not None and stream.seekable() else None
        self.position = 0

    @property
    def failure(self) -> DeadLetter | None:
        """Why the bytes ended before they should; the deepest cause counts."""
        return (self._below.failure if self._below else None) or self._failure

    def peek(self, size: int) -> bytes:
        """Up to ``size`` of the next bytes without moving on; fewer only at the end."""
        while len(self._ahead) < size and (data := self._pull(size)):
            self._ahead += data
        return self._ahead[:size]

    def read(self, size: int = READ_BYTES) -> bytes:
        """Up to ``size`` of the next bytes; nothing at the end."""
        data, self._ahead = self._ahead[:size], self._ahead[size:]
        data = data or self._pull(size)
        self.position += len(data)
        return data

    def skip_to(self, position: int) -> None:
        """Move on to an offset; what lies before it is not read where the stream can seek."""
        if self.stream is not None and position > self.position + len(self._ahead):
            self.stream.seek(position - self.position - len(self._ahead), 1)
            self._ahead, self.position = b"", position
        while self.position < position and self.read(min(position - self.position, READ_BYTES)):
            pass

    def transcoded(self, wrap: Callable[[Callable[[int], bytes]], Callable[[int], bytes]]) -> ByteSource:
        """The same source seen through another reader."""
        return ByteSource(wrap(self.read), below=self)

    @contextmanager
    def on_disk(self) -> Iterator[Path]:
        """The rest of the bytes as a file, for readers that need one."""
        if self.path is not None:
            yield self.path
            return
        with tempfile.NamedTemporaryFile(prefix="fengsui-") as file:
            while data := self.read():
                file.write(data)
            file.flush()
            yield Path(file.name)

    def _pull(self, size: int) -> bytes:
        if self._failure is not None:
            return b""
        try:
            return self._read(size)
        except EOFError:
            self._fail(Reason.TRUNCATED, "the compressed data ends before it should; fetch the file again")
        except ExpandsTooFarError as error:
            self._fail(Reason.EXPANDS_TOO_FAR, str(error))
        except _BROKEN as error:
            self._fail(Reason.UNDECODABLE, f"can't be read on ({type(error).__name__}); fetch the file again")
        return b""

    def _fail(self, reason: Reason, detail: str) -> None:
        after = self.position + len(self._ahead)
        self._failure = DeadLetter(after, reason, f"after {after} bytes: {detail}", b"", decoder="archive")
