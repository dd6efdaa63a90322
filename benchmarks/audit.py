"""How many audit records a second the embedded database takes, and how many a check of the whole trail passes.

Usage: python -m benchmarks.audit [RECORDS] [FOLDER]. Records are written each in a transaction of its own, by one
writer and by several at once, and a hundred to a transaction; beside them, in the same run and on the same disk, the
floor: SQLite alone, which writes as many bytes in one statement and puts every commit on disk. Every way is on disk
when it returns. Processor time is the process's own, of one core.
"""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path

from audit import Actor, AuditEntry, CheckpointDue, CheckpointSigner, Trust, record, seal, verify_trail
from audit.export import export_lines
from store.records import RecordsDatabase
from store.records.migrate import upgrade

WRITERS, BATCH = (1, 4, 16), 100
MANY = 100_000
"""Records whose trail is verified."""


def main() -> None:
    """Measure and print."""
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 4_000
    parent = sys.argv[2] if len(sys.argv) > 2 else None  # noqa: PLR2004 (the second argument)
    print(
        f"{platform.machine()} {os.cpu_count()} cores; SQLite {sqlite3.sqlite_version}; load {os.getloadavg()[0]:.1f}"
    )
    with tempfile.TemporaryDirectory(dir=parent) as folder, closing(opened(Path(folder))) as database:
        size = append(database, 1)
        print(f"one record: {size} bytes of canonical JSON and digest")
        for writers in WRITERS:
            told(f"{writers} writers, a transaction each", records, partial(at_once, database, records, writers))
            told(f"  floor: SQLite alone, {writers} writers", records, partial(floor, folder, records, writers, size))
        told(f"1 writer, {BATCH} to a transaction", records, partial(in_batches, database, records))
        verified(database)


def opened(folder: Path) -> RecordsDatabase:
    """A fresh database at its newest version."""
    database = RecordsDatabase(f"sqlite:///{folder}/records.db")
    upgrade(database)
    return database


def entry(number: int) -> AuditEntry:
    """What closing an alert leaves."""
    return AuditEntry(
        Actor("user", f"{number % 20:032x}", "analyst"),
        "alert:close",
        "alert",
        f"{number:032x}",
        reason="误报,已核实",
        before={"state": "acknowledged", "owner": None},
        after={"state": "closed", "owner": "analyst", "labels": ["扫描", "known"]},
        request_id=f"{number:032x}",
        source_address="192.0.2.10",
    )


def append(database: RecordsDatabase, records: int, first: int = 0) -> int:
    """Write records in one transaction; the bytes of the last one as exported."""
    with database.begin() as session:
        for number in range(first, first + records):
            record(session, entry(number))
    with database.read() as session:
        return max(len(str(line)) for line in export_lines(session)) if records == 1 else 0


def at_once(database: RecordsDatabase, records: int, writers: int) -> None:
    """Write records, each in a transaction of its own, by several threads."""

    def write(_writer: int) -> None:
        for number in range(records // writers):
            with database.begin() as session:
                record(session, entry(number))

    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(write, range(writers)))


def in_batches(database: RecordsDatabase, records: int) -> None:
    """Write records a hundred to a transaction."""
    for first in range(0, records, BATCH):
        append(database, BATCH, first)


def floor(folder: str, records: int, writers: int, size: int) -> None:
    """As many rows of as many bytes, written by SQLite alone with a connection a thread and full synchronization."""
    numbers, content = count(), "x" * size
    path = f"{folder}/floor-{writers}.db"

    with closing(sqlite3.connect(path, isolation_level=None)) as first:  # who changes the mode must be alone
        first.execute("PRAGMA journal_mode=WAL")
        first.execute("CREATE TABLE IF NOT EXISTS kept (number INTEGER PRIMARY KEY, content TEXT)")

    def write(_writer: int) -> None:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=600)) as connection:
            connection.execute("PRAGMA synchronous=FULL")
            for _ in range(records // writers):
                connection.execute("INSERT INTO kept VALUES (?, ?)", (next(numbers), content))

    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(write, range(writers)))


def verified(database: RecordsDatabase) -> None:
    """Check a long trail with its checkpoints."""
    signer = CheckpointSigner(bytes(32))
    with database.begin() as session:
        for number in range(MANY):
            record(session, entry(number))
    with database.begin() as session:
        while seal(session, signer, CheckpointDue(1000, 0)):
            pass
    with database.read() as session:
        total = verify_trail(session, Trust()).records
        told("verify the whole trail", total, lambda: verify_trail(session, Trust((signer.public_key,))))


def told(what: str, records: int, done: Callable[[], object]) -> None:
    """One line of figures."""
    clock, processor = time.perf_counter(), time.process_time()
    done()
    clock, processor = time.perf_counter() - clock, time.process_time() - processor
    print(f"{what:<44} {records / clock:9,.0f}/s   {records / processor:9,.0f} a second of processor")


if __name__ == "__main__":
    main()
