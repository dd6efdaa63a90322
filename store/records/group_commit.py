"""Puts the commits of several threads on disk together: one flush of SQLite's log for all that wait for one."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from store.errors import StoreError


class UnflushedError(StoreError):
    """The disk refused to keep what was committed; nothing more is written until the process starts again."""


class GroupCommit:
    """Flushes the write-ahead log of a SQLite database behind commits made with ``synchronous=NORMAL``.

    The log is one file that only grows until it is checkpointed (and flushed by that), so a flush that begins after a
    commit keeps it and every commit before it: whoever waits here has what ``synchronous=FULL`` promises, and nobody
    who was told so can have seen anything that is lost (SQLite, "Write-Ahead Logging", "PRAGMA synchronous").
    """

    def __init__(self, database: Path) -> None:
        """Flush the log beside a database file."""
        self._log = database.absolute().with_name(database.name + "-wal")
        self._committed = 0
        self._flushed = 0
        self._flushing = threading.Lock()
        self._log_inode = 0
        self._failure: OSError | None = None

    def check(self) -> None:
        """Refuse to write on where the disk has lost something already.

        Raises:
            UnflushedError: an earlier flush failed.
        """
        if self._failure is not None:
            raise UnflushedError(
                f"{self._log}: {self._failure.strerror}; repair the disk and start again"
            ) from self._failure

    def committed(self) -> int:
        """Number a commit that was just made; only the one thread that writes may call."""
        self._committed += 1
        return self._committed

    def wait(self, number: int) -> None:
        """Return when a commit is on disk: by another thread's flush that began after it, or by one of our own.

        Raises:
            UnflushedError: the disk refused.
        """
        with self._flushing:
            self.check()
            if self._flushed < number:
                reached = self._committed
                self._flush()
                self._flushed = reached

    def _flush(self) -> None:
        try:
            log = os.open(self._log, os.O_RDONLY)
        except FileNotFoundError:
            return  # the last connection was closed, which flushed the database itself
        try:
            os.fdatasync(log)
            if os.fstat(log).st_ino != self._log_inode:
                self._flush_name(os.fstat(log).st_ino)
        except OSError as error:
            self._failure = error
            self.check()
        finally:
            os.close(log)

    def _flush_name(self, inode: int) -> None:
        """Keep the name of a log that is new, too."""
        folder = os.open(self._log.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._log_inode = inode
