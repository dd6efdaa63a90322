"""Scans with their records in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from classification.scans import DataSourceRegister, SourceLimits, cancel, list_scans, resume
from classification.scans.claims import claim_next, release
from classification.scans.lifecycle import queue_outdated
from store.records import RecordsDatabase
from store.records.migrate import upgrade
from tests.classification.postgresql import Cluster
from tests.classification.scans.conftest import EVERYTHING, PEOPLE, Desk, by_officer
from tests.classification.scans.worker_process import KEY


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    for cluster in Cluster.running():
        records = RecordsDatabase(cluster.url("postgres"))
        upgrade(records)
        (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
        yield Desk(records, DataSourceRegister(KEY, SourceLimits((tmp_path,))), tmp_path)
        records.close()


def test_a_scan_lives_there_from_its_start_to_its_end(desk: Desk) -> None:
    scan_id = desk.start(desk.add_source())
    claim = claim_next(desk.records, "v")
    assert claim is not None
    assert claim_next(desk.records, "v") is None
    with desk.records.begin() as session:
        cancel(session, EVERYTHING, scan_id, by_officer())
    release(desk.records, claim)
    with desk.records.begin() as session:
        resume(session, EVERYTHING, scan_id, by_officer())
    desk.work()
    scan = desk.scan(scan_id)
    assert (scan.state, scan.resources_done, scan.findings) == ("finished", 1, len(desk.findings()))
    with desk.records.begin() as session:
        assert len(queue_outdated(session, "another", by_officer())) == 1
        assert [each.id for each in list_scans(session, EVERYTHING, None, 10)][1] == scan_id
