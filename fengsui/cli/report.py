"""``report``: the reports over the assessments of a system, made and taken away on the machine itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from audit.authorship import ChangedBy
from compliance import (
    Assessment,
    AssessmentConflictError,
    AssessmentNotFoundError,
    Report,
    ReportFormat,
    WorkState,
    audit_download,
    list_assessments,
    list_reports,
    request_report,
)
from compliance.reports import make_report
from events import format_timestamp, now_ms
from fengsui.cli.opening import opened_records, operator
from fengsui.cli.options import DataDir
from fengsui.cli.writing import write_document
from fengsui.output import say, write_lines
from policies.compliance.language import Language
from registry import UnitScope
from registry.registers import Editor

_ALL_ASSESSMENTS = 10_000
System = Annotated[str, typer.Argument(help="Id of a system of the registry.")]

app = typer.Typer(name="report", help="Reports over assessed systems.", no_args_is_help=True)


@app.command("list")
def list_(system: System, data_dir: DataDir = None) -> None:
    """Write the reports over a system's assessments, one line each, the newest assessment's first."""
    with opened_records(data_dir) as records, records.read() as session:
        write_lines(_line(*each) for each in _reports(session, system))


@app.command("generate")
def generate(
    system: System,
    assessment: Annotated[str | None, typer.Option(help="Id of an assessment; the last that is done.")] = None,
    report_format: Annotated[ReportFormat, typer.Option("--format", help="What it is written as.")] = ReportFormat.WORD,
    language: Annotated[Language, typer.Option(help="What it is written in.")] = "zh",
    data_dir: DataDir = None,
) -> None:
    """Freeze an assessment as it stands, make a report of it, and write the report's line. Recorded in the trail."""
    with opened_records(data_dir) as records:
        with records.begin() as session:
            place = (system, assessment or _last_done(session, system))
            report_id = request_report(session, place, report_format, _editor(), language).id
        make_report(records, report_id, _editor().by)
        with records.read() as session:
            write_lines([_line(*_report(session, system, report_id))])


@app.command("fetch")
def fetch(
    system: System,
    report: Annotated[str, typer.Argument(help="Id of a report, as `report list` gives it.")],
    path: Annotated[Path | None, typer.Argument(help="Where to; the output by default.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Write a report as it was made. Recorded in the trail."""
    with opened_records(data_dir) as records, records.begin() as session:
        assessment, found = _report(session, system, report)
        if found.content is None:
            raise AssessmentConflictError(f"report {found.id} is {found.state}; fetch it when it is done")
        audit_download(session, assessment, found, _editor().by)
        write_document(path, found.content)
    say(f"SM3 {found.digest}")


def _editor() -> Editor:
    return Editor(ChangedBy(operator(), now_ms()), UnitScope.everything())


def _last_done(session: Session, system: str) -> str:
    assessments = list_assessments(session, UnitScope.everything(), system)
    done = (each.id for each in assessments if each.state == WorkState.DONE.value)
    found = next(done, None)
    if found is None:
        raise AssessmentNotFoundError(f"no assessment of system {system} is done; have it assessed first")
    return found


def _reports(session: Session, system: str) -> Iterator[tuple[Assessment, Report]]:
    for assessment in list_assessments(session, UnitScope.everything(), system, _ALL_ASSESSMENTS):
        for report in list_reports(session, assessment.id):
            yield assessment, report


def _report(session: Session, system: str, report_id: str) -> tuple[Assessment, Report]:
    for found in _reports(session, system):
        if found[1].id == report_id:
            return found
    raise AssessmentNotFoundError(f"system {system} has no report {report_id[:64]}; see `fengsui report list {system}`")


def _line(assessment: Assessment, report: Report) -> dict[str, object]:
    return {
        "id": report.id,
        "system_id": assessment.system_id,
        "assessment_id": assessment.id,
        "format": report.format,
        "language": report.language,
        "state": report.state,
        "progress": report.progress,
        "requested_by": report.requested_by,
        "created": format_timestamp(report.created_ms),
        "finished": None if report.finished_ms is None else format_timestamp(report.finished_ms),
        "digest": report.digest,
        "problem": report.problem,
    }
