"""A records database, a folder of people's data, and a register that may scan it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from audit import Actor
from audit.authorship import ChangedBy
from classification.detectors import detector_version
from classification.review import Finding
from classification.scans import DataSourceRegister, NewDataSource, Scan, SourceLimits, get_scan, start
from classification.scans.claims import claim_next
from classification.scans.running import ScanRun
from classification.sources import Sampling
from events import now_ms
from registry import UnitScope
from store.records import RecordsDatabase
from tests.classification.scans.worker_process import KEY

EVERYTHING = UnitScope.everything()
PEOPLE = """姓名,身份证号,电话
张伟,11010519491231002X,13800000001
李娜,440524188001010014,13800000002
"""


def by_officer() -> ChangedBy:
    return ChangedBy(Actor("user", "u1", "officer"), now_ms())


@dataclass
class Desk:
    """What a data officer does with scans."""

    records: RecordsDatabase
    register: DataSourceRegister
    data: Path
    stop: threading.Event = field(default_factory=threading.Event)

    def add_source(self, address: str | None = None, **options: str | None) -> str:
        with self.records.begin() as session:
            wanted = NewDataSource(options.pop("name", None) or "people", address or str(self.data), **options)
            return self.register.register(session, wanted, by_officer()).id

    def start(self, source_id: str, sampling: Sampling | None = None) -> str:
        with self.records.begin() as session:
            return start(session, EVERYTHING, source_id, sampling, by_officer()).id

    def work(self) -> None:
        """Run every scan that waits."""
        run = ScanRun(self.records, self.register, self.stop)
        while not self.stop.is_set() and (claim := claim_next(self.records, detector_version())):
            run.run(claim)

    def scan(self, scan_id: str) -> Scan:
        with self.records.read() as session:
            return get_scan(session, EVERYTHING, scan_id)

    def findings(self) -> list[Finding]:
        with self.records.read() as session:
            return list(session.query(Finding).order_by(Finding.resource_name, Finding.field, Finding.category))


@pytest.fixture
def desk(tmp_path: Path, empty_records: RecordsDatabase) -> Desk:
    data = tmp_path / "data"
    data.mkdir()
    (data / "people.csv").write_text(PEOPLE, encoding="gb18030")
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    return Desk(empty_records, DataSourceRegister(KEY, SourceLimits((data,), secrets)), data)
