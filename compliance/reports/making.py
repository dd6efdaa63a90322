"""Reports: asked for with a snapshot, made of it in the background, and kept with their digest."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeAlias
from uuid import uuid4

from sqlalchemy.orm import Session

from audit.authorship import Change, ChangedBy, audit_change
from audit.verify_export import sm3
from compliance.errors import AssessmentConflictError
from compliance.models import Assessment, Report, WorkState
from compliance.reports.page import html_report
from compliance.reports.snapshot import take_snapshot
from compliance.reports.telling import Told
from compliance.reports.word import word_report
from compliance.reports.wording import Wording
from compliance.repository import get_assessment
from policies.compliance.language import Language
from registry.registers import Editor
from store.records import RecordsDatabase

_PERCENT = 100
_TOLD_EVERY = 10
Maker: TypeAlias = Callable[[Told, Callable[[float], None]], bytes]


class ReportFormat(StrEnum):
    """What a report is written as."""

    WORD = "docx"
    HTML = "html"


_MAKERS: Mapping[ReportFormat, Maker] = {ReportFormat.WORD: word_report, ReportFormat.HTML: html_report}


def request_report(
    session: Session, place: tuple[str, str], report_format: ReportFormat, editor: Editor, language: Language = "zh"
) -> Report:
    """Freeze an assessment as it stands and have a report made of it; ``place`` is the system's and assessment's id.

    Raises:
        AssessmentNotFoundError: there is no such assessment in the scope.
        AssessmentConflictError: it is not finished.
    """
    assessment, by = get_assessment(session, editor.scope, *place), editor.by
    if assessment.state != WorkState.DONE.value:
        raise AssessmentConflictError(f"assessment {assessment.id} is {assessment.state}; report on it when it is done")
    snapshot = take_snapshot(session, assessment, by, language)
    report = Report(
        id=uuid4().hex,
        assessment_id=assessment.id,
        format=report_format.value,
        language=language,
        state=WorkState.QUEUED.value,
        progress=0,
        requested_by=by.actor.name,
        created_ms=by.at_ms,
        attempts=0,
        snapshot=snapshot,
        snapshot_digest=digest(snapshot.encode()),
    )
    session.add(report)
    session.flush()
    after: dict[str, object] = {"assessment_id": assessment.id, "snapshot_digest": report.snapshot_digest}
    after["language"] = language
    audit_change(session, Change("report", "request", report.id, after=after), by)
    return report


def make_report(records: RecordsDatabase, report_id: str, by: ChangedBy) -> None:
    """Make a report of its snapshot, and write its digest into the audit trail with it."""
    with records.read() as session:
        report = session.get_one(Report, report_id)
        snapshot, report_format = json.loads(report.snapshot), ReportFormat(report.format)
    told = Told(snapshot, Wording(snapshot["language"]))
    content = _MAKERS[report_format](told, _Progress(records, report_id).tell)
    with records.begin() as session:
        report = session.get_one(Report, report_id)
        if report.state == WorkState.DONE.value:
            return
        report.content, report.digest, report.progress = content, digest(content), _PERCENT
        report.state, report.finished_ms, report.problem = WorkState.DONE.value, by.at_ms, None
        after: dict[str, object] = {"digest": report.digest, "snapshot_digest": report.snapshot_digest}
        audit_change(session, Change("report", "finish", report.id, after=after), by)


def audit_download(session: Session, assessment: Assessment, report: Report, by: ChangedBy) -> None:
    """Note that somebody takes a report away."""
    after: dict[str, object] = {"system_id": assessment.system_id, "digest": report.digest}
    audit_change(session, Change("report", "download", report.id, after=after), by)


def digest(content: bytes) -> str:
    """SM3 (GB/T 32905) in hexadecimal."""
    return sm3(content).hex()


class _Progress:
    """Writes down how far a report is, every so many per cent."""

    def __init__(self, records: RecordsDatabase, report_id: str) -> None:
        self._records = records
        self._report_id = report_id
        self._told = 0

    def tell(self, share: float) -> None:
        percent = int(share * _PERCENT)
        if percent < min(self._told + _TOLD_EVERY, _PERCENT):
            return
        self._told = percent
        with self._records.begin() as session:
            session.get_one(Report, self._report_id).progress = min(percent, _PERCENT - 1)
