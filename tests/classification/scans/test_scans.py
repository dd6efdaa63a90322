"""Scans in the background: progress, cancelling, going on where a dead worker left off, nothing lost or doubled."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, update

from audit import AuditFilter, list_records
from classification.detectors import detector_version
from classification.review import ClassifiedResource, FindingState, FindingStep
from classification.scans import (
    DataSourceNotFoundError,
    ScanConflictError,
    ScanNotFoundError,
    ScanState,
    cancel,
    get_scan,
    list_scans,
    resume,
    retire,
    scan_resources,
    start,
)
from classification.scans.claims import claim_next, release, renew
from classification.scans.errors import ScanInterruptedError
from classification.scans.lifecycle import queue_outdated
from classification.scans.models import Scan, ScanResource
from classification.scans.worker import ScanWorkers
from classification.sources import Sampling, SamplingMethod
from registry import UnitScope
from tests.classification.scans import worker_process
from tests.classification.scans.conftest import EVERYTHING, PEOPLE, by_officer
from tests.patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from tests.classification.scans.conftest import Desk

_RAW = ("11010519491231002X", "440524188001010014", "13800000001", "张伟")


def _resources(desk: Desk, scan_id: str) -> list[ScanResource]:
    with desk.records.read() as session:
        return scan_resources(session, scan_id)


def test_what_a_scan_finds_waits_for_review_masked(desk: Desk) -> None:
    (desk.data / "broken.xlsx").write_bytes(b"PK\x03\x04broken")
    (desk.data / "app.log").write_text("call 11010519491231002X\n", encoding="utf-8")
    scan_id = desk.start(desk.add_source())
    desk.work()
    scan = desk.scan(scan_id)
    assert (scan.state, scan.resources, scan.resources_done, scan.resources_failed) == ("finished", 3, 2, 1)
    assert (scan.rows, scan.problem, scan.claim, scan.rows_now) == (3, None, None, 0)
    names = {Path(each.name).name: (each.state, each.problems) for each in _resources(desk, scan_id)}
    assert names["people.csv"] == ("done", [])
    assert names["broken.xlsx"][0] == "failed"
    assert "no whole workbook" in names["broken.xlsx"][1][0]
    found = {(Path(each.resource_name).name, each.field, each.category) for each in desk.findings()}
    assert {
        ("people.csv", "身份证号", "resident_id"),
        ("people.csv", "电话", "mobile_phone"),
        ("app.log", "(text)", "resident_id"),
    } <= found
    assert {each.state for each in desk.findings()} == {FindingState.SUGGESTED}
    assert len(desk.findings()) == scan.findings
    with desk.records.read() as session:
        assert session.scalar(select(ClassifiedResource.subjects).where(ClassifiedResource.fields == 3)) == 2


def test_no_raw_value_is_kept_anywhere(desk: Desk) -> None:
    scan_id = desk.start(desk.add_source())
    desk.work()
    assert desk.scan(scan_id).findings > 0
    desk.records.close()
    kept = b"".join(path.read_bytes() for path in desk.data.parent.glob("records.db*"))
    for value in _RAW:
        assert value.encode() not in kept
        assert value.encode("unicode_escape") not in kept


def test_a_second_scan_doubles_nothing(desk: Desk) -> None:
    source_id = desk.add_source()
    desk.start(source_id)
    desk.work()
    before = [(each.id, each.state) for each in desk.findings()]
    desk.start(source_id)
    desk.work()
    assert [(each.id, each.state) for each in desk.findings()] == before


def test_one_scan_of_a_source_at_a_time(desk: Desk) -> None:
    source_id = desk.add_source()
    scan_id = desk.start(source_id)
    with pytest.raises(ScanConflictError, match="under way"):
        desk.start(source_id)
    with desk.records.begin() as session:
        assert cancel(session, EVERYTHING, scan_id, by_officer()).state == "cancelled"
    with pytest.raises(ScanConflictError, match="ended already"), desk.records.begin() as session:
        cancel(session, EVERYTHING, scan_id, by_officer())
    desk.start(source_id)
    with pytest.raises(ScanConflictError, match="Another scan"), desk.records.begin() as session:
        resume(session, EVERYTHING, scan_id, by_officer())


def test_a_cancelled_scan_stops_between_portions_and_goes_on_when_resumed(desk: Desk) -> None:
    for number in range(5):
        (desk.data / f"more{number}.csv").write_text(PEOPLE, encoding="utf-8")
    scan_id = desk.start(desk.add_source())
    claim = claim_next(desk.records, "v")
    assert claim is not None
    renew(desk.records, claim, "more0.csv", 7)
    assert (desk.scan(scan_id).rows_now, desk.scan(scan_id).resource_now) == (7, "more0.csv")
    with desk.records.begin() as session:
        assert cancel(session, EVERYTHING, scan_id, by_officer()).state == "running"
    with pytest.raises(ScanInterruptedError):
        renew(desk.records, claim, "more0.csv", 8)
    release(desk.records, claim)
    assert desk.scan(scan_id).state == "cancelled"
    assert claim_next(desk.records, "v") is None
    with desk.records.begin() as session:
        resume(session, EVERYTHING, scan_id, by_officer())
    desk.work()
    assert (desk.scan(scan_id).state, desk.scan(scan_id).resources_done) == ("finished", 6)
    with desk.records.read() as session:
        steps = [each.action for each in list_records(session, AuditFilter(object_kind="scan"), 100)]
    assert sorted(steps) == ["scan:cancel", "scan:resume", "scan:start"]


def test_a_stopped_worker_gives_its_scan_back_at_once(desk: Desk) -> None:
    scan_id = desk.start(desk.add_source())
    desk.stop.set()
    run_id = claim_next(desk.records, "v")
    assert run_id is not None
    from classification.scans.running import ScanRun  # noqa: PLC0415 (used here alone)

    ScanRun(desk.records, desk.register, desk.stop).run(run_id)
    assert (desk.scan(scan_id).state, desk.scan(scan_id).lease_ms) == ("queued", None)
    desk.stop.clear()
    desk.work()
    assert desk.scan(scan_id).state == "finished"


def test_a_claim_that_another_took_over_writes_nothing_more(desk: Desk) -> None:
    scan_id = desk.start(desk.add_source())
    first = claim_next(desk.records, "v")
    assert first is not None
    assert claim_next(desk.records, "v") is None
    _let_the_lease_end(desk)
    second = claim_next(desk.records, "v")
    assert second is not None
    with pytest.raises(ScanInterruptedError):
        renew(desk.records, first, "x", 1)
    release(desk.records, first)
    assert (desk.scan(scan_id).claim, desk.scan(scan_id).state) == (second.id, "running")


@pytest.mark.fault
def test_a_killed_worker_s_scan_is_gone_on_with_and_nothing_lost_or_doubled(desk: Desk) -> None:
    for number in range(40):
        (desk.data / f"table{number:02}.csv").write_text(PEOPLE + "x,1,2\n" * 2000, encoding="utf-8")
    scan_id = desk.start(desk.add_source())
    url = desk.records.url.render_as_string(hide_password=False)
    worker = subprocess.Popen(
        [sys.executable, worker_process.__file__, url, str(desk.data)],
        env={"PYTHONPATH": str(Path(__file__).parents[3])},
    )
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while desk.scan(scan_id).resources_done < 3:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    done = desk.scan(scan_id).resources_done
    assert desk.scan(scan_id).state == "running"
    assert 3 <= done < 41
    assert claim_next(desk.records, "v") is None
    _let_the_lease_end(desk)
    desk.work()
    scan = desk.scan(scan_id)
    assert (scan.state, scan.resources, scan.resources_done, scan.resources_failed) == ("finished", 41, 41, 0)
    assert scan.rows == 40 * 2002 + 2
    findings = desk.findings()
    assert scan.findings == len(findings)
    assert len({(each.resource_id, each.field, each.category) for each in findings}) == len(findings)
    assert Counter(each.category for each in findings)["resident_id"] == 41
    with desk.records.read() as session:
        assert session.scalar(select(func.count()).select_from(FindingStep)) == len(findings)
        assert session.scalar(select(func.count()).select_from(ClassifiedResource)) == 41


def test_the_worker_threads_find_scans_by_themselves(desk: Desk) -> None:
    workers = ScanWorkers(desk.records, desk.register)
    workers.start()
    try:
        scan_id = desk.start(desk.add_source())
        deadline = time.monotonic() + PATIENCE_SECONDS
        while desk.scan(scan_id).state != ScanState.FINISHED:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        workers.stop()


def test_other_detectors_have_every_source_scanned_again(desk: Desk) -> None:
    source_id = desk.add_source()
    desk.start(source_id)
    desk.work()
    with desk.records.begin() as session:
        assert queue_outdated(session, detector_version(), by_officer()) == []
        assert len(queue_outdated(session, "another", by_officer())) == 1
        assert queue_outdated(session, "another", by_officer()) == []
    desk.work()
    with desk.records.begin() as session:
        retire(session, EVERYTHING, source_id, by_officer())
        assert queue_outdated(session, "another", by_officer()) == []


def test_a_database_is_scanned_table_by_table(desk: Desk) -> None:
    with closing(sqlite3.connect(desk.data / "city.db")) as connection:
        connection.execute("CREATE TABLE people (sfzh TEXT)")
        connection.executemany("INSERT INTO people VALUES (?)", [("11010519491231002X",)] * 3)
        connection.execute("CREATE VIEW broken AS SELECT * FROM gone")
        connection.commit()
    source_id = desk.add_source(f"sqlite:///{desk.data}/city.db")
    scan_id = desk.start(source_id, Sampling(method=SamplingMethod.ALL, rows=1))
    desk.work()
    resources = {each.name.rpartition("#")[2]: each for each in _resources(desk, scan_id)}
    assert (resources["people"].state, resources["people"].rows, resources["broken"].state) == ("done", 3, "failed")
    assert desk.scan(scan_id).state == "finished"


def test_a_source_that_is_gone_fails_the_scan_and_can_be_tried_again(desk: Desk) -> None:
    scan_id = desk.start(desk.add_source(f"sqlite:///{desk.data}/later.db"))
    desk.work()
    assert (desk.scan(scan_id).state, desk.scan(scan_id).problem) == (
        "failed",
        "there is no such file; check the path",
    )
    with closing(sqlite3.connect(desk.data / "later.db")) as connection:
        connection.execute("CREATE TABLE people (a TEXT)")
    with desk.records.begin() as session:
        resume(session, EVERYTHING, scan_id, by_officer())
    desk.work()
    assert (desk.scan(scan_id).state, desk.scan(scan_id).problem) == ("finished", None)


def test_what_vanished_meanwhile_has_failed(desk: Desk) -> None:
    (desk.data / "second.csv").write_text(PEOPLE, encoding="utf-8")
    scan_id = desk.start(desk.add_source())
    desk.work()
    with desk.records.begin() as session:
        session.execute(update(ScanResource).values(state="pending"))
        session.execute(update(Scan).values(state="queued", resources_done=0))
    (desk.data / "second.csv").unlink()
    desk.work()
    states = {Path(each.name).name: each.problems for each in _resources(desk, scan_id)}
    assert states == {"people.csv": [], "second.csv": ["it is gone; start a new scan"]}
    assert (desk.scan(scan_id).resources_done, desk.scan(scan_id).resources_failed) == (1, 1)


def test_nobody_sees_what_is_not_of_their_units(desk: Desk) -> None:
    source_id = desk.add_source()
    scan_id = desk.start(source_id)
    nothing = UnitScope()
    with desk.records.begin() as session:
        assert list_scans(session, nothing, None, 10) == []
        with pytest.raises(ScanNotFoundError):
            get_scan(session, nothing, scan_id)
        with pytest.raises(DataSourceNotFoundError):
            start(session, nothing, source_id, None, by_officer())


def _let_the_lease_end(desk: Desk) -> None:
    with desk.records.begin() as session:
        session.execute(update(Scan).values(lease_ms=1))
