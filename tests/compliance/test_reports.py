"""Reports are made of their snapshot alone: the same one gives the same bytes, and Word reads them."""

from __future__ import annotations

import json
import re
import zipfile
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any, get_args

import pytest
from docx import Document

from audit import Actor, AuditFilter, list_records
from audit.authorship import ChangedBy
from audit.verify_export import sm3
from compliance import (
    AssessmentSources,
    ComplianceWorker,
    Decision,
    Judgment,
    NewAttestation,
    ReportFormat,
    attest,
    decide,
    get_assessment,
    get_report,
    request_assessment,
    request_report,
)
from compliance.reports.making import digest
from compliance.reports.page import html_report
from compliance.reports.telling import Told
from compliance.reports.word import word_report
from compliance.reports.wording import Wording
from events import now_ms
from policies.compliance.language import Language
from registry import UnitScope
from registry.entries import SystemEntry, UnitEntry
from registry.registers import SYSTEMS, UNITS, Editor, put
from store.embedded import EmbeddedEventStore
from store.records import RecordsDatabase

# A part of each of the assessors' reports that ours has too, in their order.
PARTS = {
    "zh": (
        *("基本信息", "声明", "自评结论", "总体评价", "主要安全问题及整改建议", "目录", "评估项目概述", "定级对象描述"),
        *("单项评估结果分析", "整体评估", "安全问题风险分析", "综合得分", "安全问题整改建议"),
        *("附录 A", "附录 B", "附录 C", "不能代替等级测评", "第三级（S2A3）"),
    ),
    "en": ("self-assessment", "takes the place of none", "level 3 (S2A3)", "Line by line", "Appendix C"),
}


def _editor() -> Editor:
    return Editor(ChangedBy(Actor("user", "auditor", "Auditor"), now_ms()), UnitScope.everything())


@pytest.fixture
def records(empty_records: RecordsDatabase) -> RecordsDatabase:
    with empty_records.begin() as session:
        put(session, UNITS, UnitEntry(id="u", name="city <b>data</b> center", level="city"), _editor())
        parties = {"operator_id": "u", "owner_id": "u", "supervisor_id": "u"}
        entry = {"id": "s", "name": "people & topics", "level_s": 2, "level_a": 3, **parties}
        put(session, SYSTEMS, SystemEntry.model_validate(entry), _editor())
    return empty_records


def test_an_empty_store_and_a_half_filled_register_make_a_report(records: RecordsDatabase, tmp_path: Path) -> None:
    events = EmbeddedEventStore(tmp_path / "events")
    worker = ComplianceWorker(records, AssessmentSources(events))
    attested = NewAttestation("8.1.6.1", Judgment.PARTLY, "on trial", "policy.pdf", "0" * 64)
    decided = Decision("8.1.3.2 d", Judgment.FULFILLED, "stateful, by its configuration")
    with records.begin() as session:
        attest(session, "s", attested, _editor())
        assessment_id = request_assessment(session, "s", _editor()).id
    assert worker.work_off() == 1
    with records.begin() as session:
        decide(session, ("s", assessment_id), decided, _editor())
    made = {}
    for kind, language in product(ReportFormat, get_args(Language)):
        with records.begin() as session:
            made[kind, language] = request_report(session, ("s", assessment_id), kind, _editor(), language).id
    assert worker.work_off() == 4
    events.close()
    for (kind, language), report_id in made.items():
        _check(records, assessment_id, (kind, language), report_id)


def _check(
    records: RecordsDatabase, assessment_id: str, written: tuple[ReportFormat, Language], report_id: str
) -> None:
    kind, language = written
    with records.read() as session:
        assessment = get_assessment(session, UnitScope.everything(), "s", assessment_id)
        report = get_report(session, assessment, report_id)
        wanted = AuditFilter(action="report:finish", object_id=report_id)
        [finished] = list_records(session, wanted, 2)
    snapshot, told = json.loads(report.snapshot), []
    make: Any = word_report if kind is ReportFormat.WORD else html_report
    again = make(Told(snapshot, Wording(language)), told.append)
    assert again == report.content
    assert digest(again) == report.digest
    assert str(report.digest) in str(finished.after)
    assert report.snapshot_digest == sm3(report.snapshot.encode()).hex()
    assert told[-1] == 1
    text = _text(again, kind)
    for part in (*PARTS[language], "7.1.4", "8.1.4", "policy.pdf " + "0" * 64, "stateful, by its configuration"):
        assert part in text, part
    assert (re.search(r"[\u4e00-\u9fff]", text) is None) is (language == "en")
    assert len(snapshot["items"]) == sum(snapshot["counts"].values())
    if kind is ReportFormat.HTML:
        assert b"<b>data</b>" not in again


def _text(content: bytes, kind: ReportFormat) -> str:
    """What is to be read in a report, without what is written of its looks."""
    if kind is ReportFormat.WORD:
        assert Document(BytesIO(content)).sections
        content = zipfile.ZipFile(BytesIO(content)).read("word/document.xml")
    return re.sub(r"(?s)<style>.*?</style>|<[^>]*>", "", content.decode())
