"""What a scan sees becomes a suggestion; the same again changes nothing; newer detectors look anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from audit import list_records
from audit.authorship import ChangedBy
from audit.repository import AuditFilter
from classification.review import ClassifiedResource, Finding, FindingStep, suggest
from store.records import RecordsDatabase

if TYPE_CHECKING:
    from conftest import Scan, Seen

System = Callable[[int], ChangedBy]


def _states(session: Session) -> dict[tuple[str, str], str]:
    return {(row.field, row.category): row.state for row in session.scalars(select(Finding))}


def _steps(session: Session) -> list[tuple[str, str | None, str]]:
    return [
        (step.kind, step.from_state, step.to_state)
        for step in session.scalars(select(FindingStep).order_by(FindingStep.id))
    ]


def test_what_nobody_knew_is_suggested_with_its_grade(records: RecordsDatabase, scan: Scan, system: System) -> None:
    with records.begin() as session:
        outcome = suggest(session, scan({"sfzh": "resident_id", "xm": "person_name"}, fields=("bz",)), system(5))
    assert outcome.suggested == ["sfzh: resident_id", "xm: person_name"]
    with records.read() as session:
        row = session.scalars(select(Finding).where(Finding.field == "sfzh")).one()
        assert (row.state, row.grade, row.scheme, row.grade_rank) == ("suggested", "general_3", "gbt43697", 2)
        assert (row.proposed_by, row.created_ms, row.in_force, row.decided_by) == (
            "classification",
            1_767_225_600_005,
            False,
            None,
        )
        assert (row.evidence["hits"], row.evidence["values"], row.evidence["confidence"]) == (50, 100, 0.97)
        resource = session.scalars(select(ClassifiedResource)).one()
        assert (resource.fields, resource.scan_id, resource.scanned_ms) == (3, "s1", 1_767_225_600_005)
        assert _steps(session) == [("suggest", None, "suggested")] * 2


def test_a_sample_leaves_the_subjects_that_a_whole_scan_counted(
    records: RecordsDatabase, scan: Scan, system: System
) -> None:
    for moment, subjects in enumerate((120_000, None)):
        with records.begin() as session:
            suggest(session, scan({"sfzh": "resident_id"}, subjects=subjects, scan_id=f"s{moment}"), system(moment))
    with records.read() as session:
        resource = session.scalars(select(ClassifiedResource)).one()
        assert (resource.subjects, resource.scan_id, resource.scanned_ms) == (120_000, "s1", 1_767_225_600_001)


def test_the_same_scan_again_changes_nothing(records: RecordsDatabase, scan: Scan, system: System) -> None:
    for moment in range(3):
        with records.begin() as session:
            outcome = suggest(session, scan({"sfzh": "resident_id"}), system(moment))
    assert (outcome.suggested, outcome.superseded, outcome.disagreeing) == ([], [], [])
    with records.read() as session:
        assert len(_steps(session)) == 1


def test_newer_detectors_take_back_what_nobody_touched(records: RecordsDatabase, scan: Scan, system: System) -> None:
    with records.begin() as session:
        suggest(session, scan({"sfzh": "resident_id", "ddh": "bank_card", "xm": "person_name"}), system(0))
    with records.begin() as session:  # the same detectors missed it in another sample: nothing is taken back
        assert suggest(session, scan({"sfzh": "resident_id"}, fields=("ddh", "xm")), system(1)).superseded == []
    with records.begin() as session:
        outcome = suggest(session, scan({"sfzh": "resident_id"}, "2", fields=("ddh",)), system(2))
        assert outcome.superseded == ["ddh: bank_card"]
        assert _states(session) == {
            ("sfzh", "resident_id"): "suggested",
            ("ddh", "bank_card"): "superseded",
            ("xm", "person_name"): "suggested",  # it was not looked at
        }
    with records.begin() as session:
        assert suggest(session, scan({"ddh": "bank_card"}, "3"), system(3)).suggested == ["ddh: bank_card"]
        assert ("supersede", "suggested", "superseded") in _steps(session)
        assert _steps(session)[-1] == ("suggest", "superseded", "suggested")


def test_samples_are_masked_before_they_are_kept(
    records: RecordsDatabase, scan: Scan, seen: Seen, system: System
) -> None:
    values = ("110101199003077758", "11010119900307221X", *(f"1101011990030{n:05d}" for n in range(20)))
    with records.begin() as session:
        suggest(session, scan({"sfzh": seen("sfzh", "resident_id", samples=values)}), system(0))
    with records.read() as session:
        samples = session.scalars(select(Finding)).one().evidence["samples"]
    assert isinstance(samples, list)
    assert samples[:2] == ["110*************58", "110*************1X"]
    assert len(samples) == 5


def test_a_name_too_long_is_cut_and_kept_apart(records: RecordsDatabase, scan: Scan, system: System) -> None:
    names = {"列" * 100_000 + end: "email" for end in ("甲", "乙")}
    with records.begin() as session:
        suggest(session, scan(names), system(0))
        assert len(_states(session)) == 2
        assert all(len(name) <= 128 for name, _ in _states(session))
    with records.begin() as session:
        assert suggest(session, scan(names), system(1)).suggested == []


def test_a_scan_leaves_one_audit_record(records: RecordsDatabase, scan: Scan, system: System) -> None:
    with records.begin() as session:
        suggest(session, scan({"sfzh": "resident_id", "xm": "person_name"}), system(0))
    with records.read() as session:
        [entry] = list_records(session, AuditFilter(), 10)
        assert (entry.action, entry.object_id) == ("classified_resource:suggest", "person")
        assert "sfzh: resident_id" in str(entry.after)


def test_the_history_refuses_change(records: RecordsDatabase, scan: Scan, system: System) -> None:
    with records.begin() as session:
        suggest(session, scan({"sfzh": "resident_id"}), system(0))
    for statement in ("UPDATE {} SET comment = 'x'", "DELETE FROM {}"):
        with pytest.raises(DBAPIError, match="append-only"), records.begin() as session:
            session.execute(text(statement.format("classification_finding_steps")))


def test_a_scan_that_fails_half_way_leaves_nothing(records: RecordsDatabase, scan: Scan, system: System) -> None:
    def cut_off() -> None:
        with records.begin() as session:
            suggest(session, scan({"sfzh": "resident_id"}), system(0))
            raise InterruptedError

    with pytest.raises(InterruptedError):
        cut_off()
    with records.read() as session:
        assert _states(session) == {}
        assert list_records(session, AuditFilter(), 10) == []
