"""A unit of work is over when its commit is on disk, though one flush may serve many."""

from __future__ import annotations

import os
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from store.records import RecordsDatabase
from store.records.group_commit import UnflushedError

_WRITERS, _EACH = 8, 12


def test_a_unit_of_work_returns_after_a_flush_that_began_after_its_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, kept, flushes, flush = tmp_path / "records.db", 0, 0, os.fdatasync

    def slowly(descriptor: int) -> None:
        nonlocal kept, flushes
        with closing(sqlite3.connect(path)) as reader:
            [committed] = reader.execute("SELECT count(*) FROM done").fetchone()
        time.sleep(0.003)  # a disk, on which others wait meanwhile
        flush(descriptor)
        kept, flushes = max(kept, committed), flushes + 1

    with closing(RecordsDatabase(f"sqlite:///{path}")) as records:
        with records.begin() as session:
            session.execute(text("CREATE TABLE done (number INTEGER PRIMARY KEY)"))
        monkeypatch.setattr(os, "fdatasync", slowly)

        def write(_writer: int) -> None:
            for _ in range(_EACH):
                with records.begin() as session:
                    session.execute(text("INSERT INTO done DEFAULT VALUES"))
                    mine: int = session.execute(text("SELECT max(number) FROM done")).scalar_one()
                assert kept >= mine

        with ThreadPoolExecutor(_WRITERS) as pool:
            list(pool.map(write, range(_WRITERS)))
        with records.read() as session:
            assert session.execute(text("SELECT count(*) FROM done")).scalar_one() == _WRITERS * _EACH
    assert 0 < flushes < _WRITERS * _EACH


def test_a_disk_that_refuses_stops_all_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    with closing(RecordsDatabase(f"sqlite:///{tmp_path}/records.db")) as records:
        with records.begin() as session:
            session.execute(text("CREATE TABLE done (number INTEGER PRIMARY KEY)"))
        with monkeypatch.context() as patched:
            patched.setattr(os, "fdatasync", broken)
            with pytest.raises(UnflushedError, match="Input/output error"), records.begin() as session:
                session.execute(text("INSERT INTO done DEFAULT VALUES"))
        with pytest.raises(UnflushedError, match="start again"), records.begin():
            pytest.fail("nothing more may be done")
