"""Reports over assessments from the command line: made, listed, taken away, each step on record."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from audit import Actor, AuditFilter, list_records
from audit.authorship import ChangedBy
from compliance import AssessmentSources, ComplianceWorker, request_assessment
from compliance.reports.making import digest
from events import now_ms
from registry import UnitScope
from registry.entries import SystemEntry, UnitEntry
from registry.registers import SYSTEMS, UNITS, Editor, put
from store.embedded import EmbeddedEventStore
from store.records import RecordsDatabase
from store.records.migrate import upgrade

if TYPE_CHECKING:
    from conftest import Fengsui


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with the system ``s``, not assessed yet."""
    folder = tmp_path / "var"
    folder.mkdir()
    entry = {"id": "s", "name": "portal", "level_s": 2, "level_a": 2, "operator_id": "u", "owner_id": "u"}
    with closing(RecordsDatabase(f"sqlite:///{folder}/records.sqlite3")) as records:
        upgrade(records)
        with records.begin() as session:
            put(session, UNITS, UnitEntry(id="u", name="bureau", level="city"), _editor())
            put(session, SYSTEMS, SystemEntry.model_validate({**entry, "supervisor_id": "u"}), _editor())
    return folder


def _editor() -> Editor:
    return Editor(ChangedBy(Actor("user", "auditor", "Auditor"), now_ms()), UnitScope.everything())


def _assessed(data: Path) -> str:
    with (
        closing(RecordsDatabase(f"sqlite:///{data}/records.sqlite3")) as records,
        closing(EmbeddedEventStore(data / "nothing")) as events,
    ):
        with records.begin() as session:
            assessment_id = request_assessment(session, "s", _editor()).id
        assert ComplianceWorker(records, AssessmentSources(events)).work_off() == 1
    return assessment_id


def test_a_report_is_made_of_the_last_assessment_listed_and_fetched(fengsui: Fengsui, data: Path) -> None:
    _assessed(data)
    last = _assessed(data)
    made = fengsui("report", "generate", "s", "--format", "html", "--language", "en")
    [report] = made.lines
    assert (report["assessment_id"], report["state"]) == (last, "done")
    assert (report["format"], report["language"]) == ("html", "en")
    assert fengsui("report", "list", "s").lines == [report]
    page = data.parent / "report.html"
    fetched = fengsui("report", "fetch", "s", report["id"], page)
    assert (fetched.status, fetched.out, fetched.err) == (0, "", f"SM3 {report['digest']}\n")
    assert digest(page.read_bytes()) == report["digest"]
    assert "self-assessment" in page.read_text(encoding="utf-8")
    with closing(RecordsDatabase(f"sqlite:///{data}/records.sqlite3")) as records, records.read() as session:
        steps = list_records(session, AuditFilter(object_id=report["id"]), 10)
        assert sorted((each.action, each.actor_id) for each in steps) == [
            ("report:download", "command-line"),
            ("report:finish", "command-line"),
            ("report:request", "command-line"),
        ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("generate", "s"), "no assessment of system s is done; have it assessed first"),
        (("fetch", "s", "r"), "system s has no report r; see `fengsui report list s`"),
        (("list", "none"), "none"),
    ],
)
def test_what_is_not_there_is_told_in_a_line(
    fengsui: Fengsui, data: Path, arguments: tuple[str, ...], said: str
) -> None:
    assert data.is_dir()
    ran = fengsui("report", *arguments)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert said in ran.err
