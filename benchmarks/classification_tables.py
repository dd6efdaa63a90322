"""How fast tables are classified, and how much memory a large file takes.

Usage: python -m benchmarks.classification_tables [--tables 200] [--rows 1000] [--csv-gigabytes 0]

Makes a SQLite database of tables of people, organizations and look-alikes (seeded, so always the same), and samples
so many rows of each: once as ``fengsui classify`` does, once as a background scan that writes suggestions for review.
Processor time is the figure; wall time tells how busy the machine was. With --csv-gigabytes it also classifies one CSV
of that size in a process of its own and prints its peak of memory after each tenth of the rows, then deletes the file.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import resource
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from audit import Actor
from audit.authorship import ChangedBy
from classification.detectors import detector_version
from classification.examination import Examiner
from classification.grading import default_scheme
from classification.scans import DataSourceRegister, NewDataSource, get_scan, start
from classification.scans.claims import claim_next
from classification.scans.running import ScanRun
from classification.source_limits import SourceLimits
from classification.sources import FileSource, Problem, open_source, sampling_of
from classification.text import text_scanner
from events import now_ms
from fengsui.classifying import Classification
from registry import UnitScope
from store.records import Base, RecordsDatabase

_STORED_ROWS = 5_000
_FAMILY, _GIVEN = "王李张刘陈杨黄赵吴周", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"
_DIVISIONS = ("110105", "310101", "440106", "330102", "510104", "420106")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def resident_id(dice: random.Random) -> str:
    """A made-up number with a right check digit (GB 11643)."""
    day = f"{dice.randrange(1950, 2010)}{dice.randrange(1, 13):02}{dice.randrange(1, 29):02}"
    body = f"{dice.choice(_DIVISIONS)}{day}{dice.randrange(1000):03}"
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11]


Make = Callable[[random.Random], object]
COLUMNS: dict[str, Make] = {
    "xm": lambda dice: dice.choice(_FAMILY) + "".join(dice.choices(_GIVEN, k=2)),
    "sfzh": resident_id,
    "sjhm": lambda dice: f"1{dice.choice('3578')}{dice.randrange(10**9):09}",
    "dz": lambda dice: (
        f"南山区科技园路{dice.randrange(1, 400)}号{dice.randrange(1, 30)}栋{dice.randrange(101, 2505)}室"
    ),
    "email": lambda dice: f"user{dice.randrange(10**6)}@example.cn",
    "ddh": lambda dice: f"2024{dice.randrange(10**14):014}",
    "je": lambda dice: round(dice.random() * 10_000, 2),
    "cjsj": lambda dice: f"2024-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02} 10:{dice.randrange(60):02}:00",
    "zt": lambda dice: dice.choice(("待办", "已办", "退回")),
    "bz": lambda dice: dice.choice(("", "无", "请于本周内补充材料", "电话未接通，改日再联系", "材料齐全，转科室审核")),
    "col11": lambda dice: f"{dice.randrange(2**64):016x}",
    "ip": lambda dice: f"10.{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(256)}",
}


def main() -> None:
    """Print the machine and the figures."""
    options = _options()
    print(f"{_processor()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory(prefix="fengsui-benchmark-") as folder:
        tables(Path(folder), options.tables, options.rows)
        if options.csv_gigabytes:
            large_file(Path(folder), options.csv_gigabytes)


def tables(folder: Path, count: int, rows: int) -> None:
    """Classify the tables in both ways."""
    database = folder / "city.db"
    _make_database(database, count)
    started = time.process_time()
    text_scanner().find("x")
    print(f"detectors made in {time.process_time() - started:.1f} s of processor time, once a process")
    address = f"sqlite:///{database}"
    classification = Classification(default_scheme(), lambda _rows: None)
    with _Timed(f"classify: {count} tables of {len(COLUMNS)} columns, {rows} rows each"):
        for _ in classification.run([open_source(address, sampling_of("random", rows))]):
            pass
    print(f"  {classification.totals}")
    _scan(folder, address, rows, count)


def _scan(folder: Path, address: str, rows: int, count: int) -> None:
    records = RecordsDatabase(f"sqlite:///{folder}/records.db")
    Base.metadata.create_all(records.engine)
    register = DataSourceRegister(bytes(32), SourceLimits((folder,)))
    by = ChangedBy(Actor("system", "benchmark", "benchmark"), now_ms())
    everything = UnitScope.everything()
    with records.begin() as session:
        source = register.register(session, NewDataSource("city", address), by)
        scan_id = start(session, everything, source.id, sampling_of("random", rows), by).id
    claim = claim_next(records, detector_version())
    if claim is None:
        raise SystemExit("the scan was not taken up")
    with _Timed(f"background scan of the same, with suggestions for review: {count} tables"):
        ScanRun(records, register, threading.Event()).run(claim)
    with records.read() as session:
        scan = get_scan(session, everything, scan_id)
        print(f"  {scan.state}: {scan.resources_done} tables, {scan.rows} rows, {scan.findings} suggestions")
    records.close()


def large_file(folder: Path, gigabytes: float) -> None:
    """Classify one CSV, printing the peak of memory as it goes on."""
    path = folder / "large.csv"
    total = _make_csv(path, int(gigabytes * 10**9))
    print(f"{path.stat().st_size / 10**9:.2f} GB of CSV, {total} rows")
    [resource_] = [each for each in FileSource(path).resources() if not isinstance(each, Problem)]
    shown = 0

    def watch(seen: int) -> None:
        nonlocal shown
        if seen * 10 // total > shown:
            shown = seen * 10 // total
            print(
                f"  {shown * 10:3} %: peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MiB", flush=True
            )

    with _Timed("large file"):
        examination = Examiner().examine(resource_, watch)
    print(f"  {examination.rows} rows, problems: {list(examination.problems)}")
    for field in examination.fields:
        print(f"  {field.field}: {[(each.category, round(each.prevalence, 8)) for each in field.findings]}")


def _make_database(path: Path, count: int) -> None:
    dice = random.Random(1)
    with closing(sqlite3.connect(path)) as connection:
        names = ", ".join(f"{name} TEXT" for name in COLUMNS)
        marks = ", ".join("?" * len(COLUMNS))
        rows = [[make(dice) for make in COLUMNS.values()] for _ in range(_STORED_ROWS)]
        for number in range(count):
            connection.execute(f"CREATE TABLE t{number:03} ({names})")
            dice.shuffle(rows)
            connection.executemany(f"INSERT INTO t{number:03} VALUES ({marks})", rows)
        connection.commit()


def _make_csv(path: Path, size: int) -> int:
    """Rows of a person, a running number and a long note, no two alike; the last but one holds a resident ID."""
    dice = random.Random(2)
    names = [str(COLUMNS["xm"](dice)) for _ in range(1_000)]
    phrases = [str(COLUMNS["bz"](dice)) for _ in range(200)]
    notes = ["。".join(dice.choices(phrases, k=40)) for _ in range(2_000)]
    rows = 0
    with path.open("w", encoding="utf-8") as out:
        out.write("xm,xh,bz\n")
        while out.tell() < size:
            numbers = range(rows, rows + 10_000)
            out.writelines(f"{names[n % 1_000]},{n},{notes[n * 7 % 2_000]}{n}\n" for n in numbers)
            rows += 10_000
        out.write(f"x,1,补充身份证{resident_id(dice)}\ny,2,无\n")
    return rows + 2


class _Timed:
    """Prints how long its block took."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        self._wall, self._processor = time.perf_counter(), time.process_time()

    def __exit__(self, *_: object) -> None:
        wall, processor = time.perf_counter() - self._wall, time.process_time() - self._processor
        print(f"{self._what}: {processor:.1f} s of processor time, {wall:.1f} s on the clock", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=200)
    parser.add_argument("--rows", type=int, default=1_000)
    parser.add_argument("--csv-gigabytes", type=float, default=0)
    return parser.parse_args()


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    main()
