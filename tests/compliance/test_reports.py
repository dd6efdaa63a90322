"""Reports are made of their snapshot alone: the same one gives the same bytes, and Word reads them."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from audit import Actor, AuditFilter, list_records
from audit.authorship import ChangedBy
from audit.verify_export import sm3
from compliance import (
    AssessmentSources,
    ComplianceWorker,
    ReportFormat,
    get_assessment,
    get_report,
    request_assessment,
    request_report,
)
from compliance.reports.making import digest
from compliance.reports.page import html_report
from compliance.reports.word import word_report
from events import now_ms
from registry import UnitScope
from registry.entries import SystemEntry, UnitEntry
from registry.registers import SYSTEMS, UNITS, Editor, put
from store.embedded import EmbeddedEventStore
from store.records import RecordsDatabase


def _editor() -> Editor:
    return Editor(ChangedBy(Actor("user", "auditor", "审计员"), now_ms()), UnitScope.everything())


@pytest.fixture
def records(empty_records: RecordsDatabase) -> RecordsDatabase:
    with empty_records.begin() as session:
        put(session, UNITS, UnitEntry(id="u", name="岚湖市 <b>大数据</b> 中心", level="city"), _editor())
        parties = {"operator_id": "u", "owner_id": "u", "supervisor_id": "u"}
        entry = {"id": "s", "name": "人口 & 主题库", "level_s": 2, "level_a": 3, **parties}
        put(session, SYSTEMS, SystemEntry.model_validate(entry), _editor())
    return empty_records


def test_an_empty_store_and_a_half_filled_register_make_a_report(records: RecordsDatabase, tmp_path: Path) -> None:
    events = EmbeddedEventStore(tmp_path / "events")
    worker = ComplianceWorker(records, AssessmentSources(events))
    with records.begin() as session:
        assessment_id = request_assessment(session, "s", _editor()).id
    assert worker.work_off() == 1
    made = {}
    for kind in ReportFormat:
        with records.begin() as session:
            made[kind] = request_report(session, ("s", assessment_id), kind, _editor()).id
    assert worker.work_off() == 2
    events.close()
    for kind, report_id in made.items():
        _check(records, assessment_id, kind, report_id)


def _check(records: RecordsDatabase, assessment_id: str, kind: ReportFormat, report_id: str) -> None:
    with records.read() as session:
        assessment = get_assessment(session, UnitScope.everything(), "s", assessment_id)
        report = get_report(session, assessment, report_id)
        wanted = AuditFilter(action="report:finish", object_id=report_id)
        [finished] = list_records(session, wanted, 2)
    snapshot, told = json.loads(report.snapshot), []
    make: Any = word_report if kind is ReportFormat.WORD else html_report
    again = make(snapshot, told.append)
    assert again == report.content
    assert digest(again) == report.digest
    assert str(report.digest) in str(finished.after)
    assert report.snapshot_digest == sm3(report.snapshot.encode()).hex()
    assert told[-1] == 1
    text = again.decode() if kind is ReportFormat.HTML else _text(again)
    for part in ("自评结果", "第三级（S2A3）", "综合得分", "高风险问题", "问题与整改", "附录", "7.1.4", "8.1.4"):
        assert part in text, part
    assert len(snapshot["items"]) == sum(snapshot["counts"].values())
    if kind is ReportFormat.HTML:
        assert "<b>大数据" not in text


def _text(content: bytes) -> str:
    document = Document(BytesIO(content))
    cells = [cell.text for table in document.tables[:8] for row in table.rows for cell in row.cells]
    return "\n".join([*(each.text for each in document.paragraphs), *cells])
