"""The sample city's data half: some of it graded, some waiting for review, a source being scanned; set up once."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, select

from classification.review import count_findings
from classification.scans import DataSourceRegister, list_scans, list_sources
from classification.source_limits import SourceLimits
from fengsui.demo import TABLES, load_demo_registry, load_demo_review, load_demo_scan
from registry import UnitScope
from registry.models import ResourceRecord
from store.records import Base, RecordsDatabase


def test_the_city_has_something_to_review_and_to_scan_and_is_set_up_once(tmp_path: Path) -> None:
    records = RecordsDatabase(f"sqlite:///{tmp_path}/records.db")
    Base.metadata.create_all(records.engine)
    load_demo_registry(records)
    register, counts = DataSourceRegister(b"s" * 32, SourceLimits((TABLES,))), []
    for _ in range(2):
        load_demo_review(records)
        load_demo_scan(records, register)
        with records.read() as session:
            counts.append(count_findings(session, UnitScope.everything()))
    with records.read() as session:
        graded = session.scalar(select(func.count()).where(ResourceRecord.grade.is_not(None)))
        scans = list_scans(session, UnitScope.everything(), None, 9)
        sources = list_sources(session, UnitScope.everything())
    records.close()
    assert counts[0] == counts[1]
    assert min(counts[0]["confirmed"], counts[0]["suggested"], graded or 0) > 10
    assert (len(sources), [scan.state for scan in scans]) == (1, ["queued"])
