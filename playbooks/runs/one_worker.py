"""Lets one process of an installation move runs: others wait until it ends."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, text

from store.records import RecordsDatabase

_POSTGRESQL_LOCK = 0x6665_6E67_7375_6903


class OneWorker:
    """Held while a process works; the system gives it up when the process dies, however it dies."""

    def __init__(self, records: RecordsDatabase, data_dir: Path) -> None:
        """Prepare; nothing is held before ``take``."""
        self._records = records
        self._path = data_dir / "playbooks.lock"
        self._file: IO[bytes] | None = None
        self._connection: Connection | None = None

    def take(self) -> bool:
        """Whether this process may work now."""
        if self._records.url.get_backend_name() == "postgresql":
            return self._take_in_database()
        file = self._path.open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._file = file
        return True

    def give_up(self) -> None:
        """Let another process work."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _take_in_database(self) -> bool:
        connection = self._records.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        taken = connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _POSTGRESQL_LOCK})
        if not taken:
            connection.close()
            return False
        self._connection = connection
        return True
