"""Writing to a spool: appended under a lock, taken to disk in common, refused when it is full."""

from __future__ import annotations

import errno
import os
import secrets
import threading
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from collectors.sources.contract import SourceError
from collectors.sources.spool.frame import Frame, Message, encode
from collectors.sources.spool.keys import SeenKeys
from collectors.sources.spool.segment import START, create_segment, scan, segments, spool_id_of, sync_folder
from events import now_ms

_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class SpoolSettings(BaseModel):
    """Sizes of a spool in bytes, and for how many hours and how many idempotency keys are remembered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_bytes: int = Field(default=1 << 30, ge=1 << 16)
    segment_bytes: int = Field(default=32 << 20, ge=1 << 12)
    keep_keys_hours: float = Field(default=24, gt=0)
    most_keys: int = Field(default=100_000, ge=1)


class SpoolError(SourceError):
    """The spool can't take or give messages."""


class SpoolFullError(SpoolError):
    """The spool has no room until delivery has passed some of it; the sender tries again later."""


class KeyReusedError(SpoolError):
    """An idempotency key came again with other content."""


class Spool:
    """A durable queue of messages in a folder of its own. One process opens it; its threads may share it.

    ``id`` names it for good; positions are sequence numbers. Messages up to ``synced`` (exclusive) are on disk.
    """

    def __init__(self, folder: Path, settings: SpoolSettings | None = None) -> None:
        """Open the spool, creating it where there is none; the rest of a frame that was cut by a crash is removed.

        Raises:
            SpoolError: the folder can't be read or written.
        """
        self.folder = folder
        self._settings = settings or SpoolSettings()
        self._append_lock = threading.Lock()
        self._sync_lock = threading.Lock()
        self._has_failed = False
        try:
            folder.mkdir(parents=True, exist_ok=True)
            keep_ms = int(self._settings.keep_keys_hours * 3_600_000)
            self._keys = SeenKeys(folder, keep_ms, self._settings.most_keys)
            self._open_segments()
        except OSError as error:
            raise SpoolError(
                f"{folder}: can't open the spool ({error.strerror}); check the disk and its rights"
            ) from error

    def _open_segments(self) -> None:
        """Find the id and the next number; go on in the last segment unless it is damaged."""
        found = segments(self.folder)
        ids = [id_ for _, path in found if (id_ := spool_id_of(path))]
        self.id = ids[-1] if ids else secrets.token_hex(16)
        self._next = 1
        is_damaged = True
        for first, path in found:
            content = scan(path, first, self._keys.add)
            self._next = max(content.next_sequence, first)
            is_damaged = content.is_corrupt or spool_id_of(path) is None
            if path == found[-1][1] and not is_damaged:
                os.truncate(path, content.end)
        if is_damaged:
            self._next += 1 if found else 0  # one number stands for the damaged rest
            found.append((self._next, create_segment(self.folder, self._next, self.id)))
        self._file = found[-1][1].open("ab", buffering=0)
        self._bytes = sum(path.stat().st_size for _, path in found)
        os.fsync(self._file.fileno())
        self.synced = self._next

    def skip_to(self, sequence: int) -> None:
        """Never give a number below ``sequence``, up to which delivery has come (the spool's files may be lost)."""
        with self._append_lock:
            if sequence > self._next:
                self._next = self.synced = sequence
                self._start_segment()

    def append(self, messages: Sequence[Message], key: str | None = None, fingerprint: str | None = None) -> int:
        """Take messages; on return they are on disk, all of them. Returns how many the spool holds for this push.

        With a ``key`` that was seen, nothing is taken and the number of messages taken then is returned.

        Raises:
            SpoolFullError: there is no room; nothing was taken.
            KeyReusedError: the key was seen with another fingerprint.
            SpoolError: the disk failed.
        """
        if not messages:
            return 0
        with self._append_lock:
            if self._has_failed:
                raise SpoolError(f"{self.folder}: the disk failed before; check it, then start the collector again")
            seen = self._keys.get(key) if key is not None else None
            if seen is None:
                frame = Frame(self._next, now_ms(), tuple(messages), key, fingerprint)
                self._write(encode(frame))
                self._next += len(messages)
                self._keys.add(frame)
            elif seen.fingerprint != fingerprint:
                raise KeyReusedError("the idempotency key was used for other content; use a new key for each push")
            through = self._next
        self._sync(through)
        return seen.count if seen else len(messages)

    def release(self, position: int) -> None:
        """Delete the segments whose messages all have numbers below ``position``.

        When that is all there is, the present segment goes too: what was delivered stays in no file of the spool.
        """
        with self._append_lock:
            if position >= self._next and self._file.tell() > START and not self._has_failed:
                with suppress(SpoolError):  # no room for a new one: the present one goes when it is full
                    self._start_segment()
            found = segments(self.folder)
            gone = [path for (_, path), (following, _) in pairwise(found) if following <= position]
            if not gone:
                return
            self._keys.save()
            for path in gone:
                self._bytes -= path.stat().st_size
                path.unlink()
            sync_folder(self.folder)

    def close(self) -> None:
        """Take everything to disk and release the file."""
        with self._append_lock, self._sync_lock:
            if not self._file.closed:
                os.fsync(self._file.fileno())
                self._file.close()

    def _write(self, data: bytes) -> None:
        if self._bytes + len(data) > self._settings.max_bytes:
            raise SpoolFullError(
                f"{self.folder}: the spool holds its {self._settings.max_bytes} bytes; try again later"
            )
        if self._file.tell() + len(data) > self._settings.segment_bytes and self._file.tell() > START:
            self._start_segment()
        end = self._file.tell()
        try:
            view = memoryview(data)
            while view:
                view = view[self._file.write(view) or 0 :]
        except OSError as error:
            os.ftruncate(self._file.fileno(), end)
            self._file.seek(end)
            raise self._failure(error) from error
        self._bytes += len(data)

    def _start_segment(self) -> None:
        with self._sync_lock:
            try:
                os.fsync(self._file.fileno())
                path = create_segment(self.folder, self._next, self.id)
                fresh = path.open("ab", buffering=0)
            except OSError as error:
                raise self._failure(error) from error
            self._file.close()
            self._file = fresh
            self._bytes += START
            self.synced = self._next

    def _sync(self, through: int) -> None:
        """Wait until everything before ``through`` is on disk: whoever comes first syncs for all who wait."""
        with self._sync_lock:
            if self.synced >= through:
                return
            upto = self._next
            try:
                os.fsync(self._file.fileno())
            except OSError as error:
                self._has_failed = True  # the kernel may have dropped the pages; a second try would lie
                raise SpoolError(f"{self.folder}: can't write ({error.strerror}); check the disk") from error
            self.synced = upto

    def _failure(self, error: OSError) -> SpoolError:
        if error.errno in _DISK_FULL:
            return SpoolFullError(f"{self.folder}: the disk is full; free some space, senders try again meanwhile")
        return SpoolError(f"{self.folder}: can't write ({error.strerror}); check the disk")
