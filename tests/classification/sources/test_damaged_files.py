"""Files damaged at random: each is read, or told as a problem; none is an unforeseen error."""

from __future__ import annotations

import gzip
import json
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from classification.sources import FileSource, Problem
from tests.classification.sources.reading import content_of


def _workbook(path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.create_sheet("a").append(["x", 1])
    workbook.save(path)


def _parquet(path: Path) -> None:
    pq.write_table(pa.table({"a": [1, 2, 3], "b": [["x"], [], None], "c": [{"d": 1}] * 3}), path)


def _database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (a TEXT, b INTEGER)")
        connection.executemany("INSERT INTO t VALUES (?, ?)", [("x", 1)] * 200)
        connection.commit()


def _json(path: Path) -> None:
    path.write_text(json.dumps([{"a": 1, "b": [1, {"c": "张"}]}] * 20), encoding="utf-8")


def _packed(path: Path) -> None:
    path.write_bytes(gzip.compress(b"a,b\n1,2\n" * 50))


def _damage(content: bytes, dice: random.Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(dice.randrange(1, 12)):
        place = dice.randrange(len(damaged) + 1)
        end = place + dice.choice((0, 1, 4, 200))
        damaged[place:end] = dice.choice((b"", dice.randbytes(4), b"\xff" * 4, b"\x7f\xff\xff\xff"))
    return bytes(damaged)


@pytest.mark.parametrize(
    ("name", "make", "tries"),
    [
        ("a.xlsx", _workbook, 6),
        ("a.parquet", _parquet, 300),
        ("a.db", _database, 150),
        ("a.json", _json, 300),
        ("a.csv.gz", _packed, 100),
    ],
)
def test_damage_is_told(tmp_path: Path, name: str, make: Callable[[Path], None], tries: int) -> None:
    path = tmp_path / name
    make(path)
    content, dice = path.read_bytes(), random.Random(5)
    for _ in range(tries):
        path.write_bytes(_damage(content, dice))
        for each in FileSource(path).resources():
            if isinstance(each, Problem):
                assert "report this as a defect" not in each.detail
            else:
                content_of(each)
