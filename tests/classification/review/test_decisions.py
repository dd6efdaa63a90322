"""People decide, another than proposed, and the registry has it; who disagrees is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from audit import AuditFilter, list_records
from audit.authorship import ChangedBy
from classification.grading import UnknownGradeError
from classification.review import (
    Amendment,
    Confirmation,
    Finding,
    FindingFilter,
    FindingNotFoundError,
    InvalidReviewError,
    Proposal,
    Rejection,
    RejectReason,
    ReviewConflictError,
    SamePersonError,
    amend,
    decide_many,
    finding_steps,
    list_findings,
    propose,
    suggest,
)
from registry.models import ResourceRecord
from store.records import RecordsDatabase
from tests.classification.review.deciding import (
    ALL,
    DAY,
    FALSE,
    System,
    amend_finding,
    confirm_finding,
    field_of,
    finding_of,
    grade_of,
    reject_finding,
)

if TYPE_CHECKING:
    from conftest import Person, Scan


def test_a_confirmed_finding_reaches_the_registry(city: RecordsDatabase, found: dict[str, str], person: Person) -> None:
    confirm_finding(city, found["sfzh"], person("lin", 10))
    confirm_finding(city, found["xm"], person("lin", 11))
    row = finding_of(city, found["sfzh"])
    assert (row.state, row.decided_by, row.decided_name, row.in_force) == ("confirmed", "lin", "lin 同志", True)
    assert row.decided_ms is not None
    assert row.review_due_ms == row.decided_ms + 365 * DAY
    assert field_of(city, "sfzh") == ("general_3", ["resident_id"])
    assert field_of(city, "XM") == ("general_2", ["person_name"])  # the catalog's own way to write it stays
    assert grade_of(city) == "general_3"
    with city.read() as session:
        entries = list_records(session, AuditFilter(object_kind="classification_finding"), 10)
        assert [each.action for each in entries] == ["classification_finding:confirm"] * 2
        assert entries[0].before == '{"state":"suggested"}'


def test_what_combines_raises_the_table_and_what_is_derived_from_it(
    city: RecordsDatabase, scan: Scan, system: System, found: dict[str, str], person: Person
) -> None:
    with city.begin() as session:
        suggest(session, scan({"dh": "mobile_phone"}, subjects=120_000), system(1))
        found["dh"] = session.scalars(select(Finding.id).where(Finding.field == "dh")).one()
    for name in ("sfzh", "xm"):
        confirm_finding(city, found[name], person("lin"))
    assert (grade_of(city), grade_of(city, "summary"), grade_of(city, "visits")) == ("general_3", "general_3", None)
    confirm_finding(city, found["dh"], person("lin"))
    # name, number and phone make it general_4; of 100,000 people that is important
    assert (grade_of(city), grade_of(city, "summary")) == ("important", "important")
    amend_finding(city, found["dh"], None, person("wang"))
    assert grade_of(city) == "important"  # in force until somebody decides
    reject_finding(city, found["dh"], person("lin"))
    assert field_of(city, "dh") == (None, [])
    assert grade_of(city) == "general_3"


def test_a_grade_that_people_set_in_the_catalog_is_never_lowered(
    city: RecordsDatabase, found: dict[str, str], person: Person
) -> None:
    with city.begin() as session:
        session.get_one(ResourceRecord, "person").grade = "general_4"
    confirm_finding(city, found["sfzh"], person("lin"))
    assert grade_of(city) == "general_4"
    with city.begin() as session:
        session.get_one(ResourceRecord, "person").grade = "L3"  # of a scheme that is not this site's
    confirm_finding(city, found["xm"], person("lin"))
    assert grade_of(city) == "L3"


def test_nobody_decides_on_what_is_their_own(city: RecordsDatabase, found: dict[str, str], person: Person) -> None:
    amend_finding(city, found["sfzh"], "general_4", person("lin"))
    for step in (confirm_finding, reject_finding):
        with pytest.raises(SamePersonError, match="colleague"):
            step(city, found["sfzh"], person("lin"))
    key = ChangedBy(person("lin").actor, 1, account_id="lin")
    with pytest.raises(SamePersonError):
        confirm_finding(city, found["sfzh"], ChangedBy(person("key-7").actor, key.at_ms, account_id="lin"))
    confirm_finding(city, found["sfzh"], person("wang"))
    assert field_of(city, "sfzh") == ("general_4", ["resident_id"])
    assert grade_of(city) == "general_4"


def test_the_product_decides_nothing(city: RecordsDatabase, found: dict[str, str], system: System) -> None:
    for step in (confirm_finding, reject_finding):
        with pytest.raises(InvalidReviewError, match="people"):
            step(city, found["sfzh"], system(1))
    with pytest.raises(InvalidReviewError, match="people"):
        amend_finding(city, found["sfzh"], None, system(1))


def test_the_wrong_category_proposes_the_right_one(
    city: RecordsDatabase, found: dict[str, str], person: Person
) -> None:
    reject_finding(city, found["ddh"], person("lin"), Rejection(RejectReason.WRONG_CATEGORY, "是手机", "mobile_phone"))
    with city.read() as session:
        [proposed] = list_findings(session, ALL, FindingFilter(categories=["mobile_phone"]), 10)
    assert (proposed.state, proposed.proposed_by, proposed.grade) == ("suggested", "lin", "general_2")
    with pytest.raises(SamePersonError):
        confirm_finding(city, proposed.id, person("lin"))
    confirm_finding(city, proposed.id, person("wang"))
    assert field_of(city, "ddh") == ("general_2", ["mobile_phone"])
    with pytest.raises(InvalidReviewError, match="wrong_category"):
        reject_finding(city, found["xm"], person("lin"), Rejection(RejectReason.CONTEXT, None, "email"))
    with pytest.raises(InvalidReviewError, match="no such category"):
        reject_finding(city, found["xm"], person("lin"), Rejection(RejectReason.WRONG_CATEGORY, None, "nonsense"))
    assert finding_of(city, found["xm"]).state == "suggested"


def test_a_person_proposes_what_no_detector_sees(city: RecordsDatabase, person: Person) -> None:
    with city.begin() as session:
        row = propose(session, ALL, Proposal("visits", "dh", "secret_key", "general_3", "业务要求"), person("lin"))
    confirm_finding(city, row.id, person("wang"))
    assert field_of(city, "dh", "visits") == ("general_3", ["secret_key"])
    assert grade_of(city, "visits") == "general_3"
    for proposal, error in (
        (Proposal("visits", "dh", "secret_key"), ReviewConflictError),
        (Proposal("nothing", "dh", "secret_key"), FindingNotFoundError),
        (Proposal("visits", "sfzh", "nonsense"), InvalidReviewError),
        (Proposal("visits", "sfzh", "resident_id", "L9"), UnknownGradeError),
    ):
        with pytest.raises(error), city.begin() as session:
            propose(session, ALL, proposal, person("zhao"))


def test_words_are_kept_without_the_values_in_them(
    city: RecordsDatabase, found: dict[str, str], person: Person
) -> None:
    number = "11010519491231002X"
    with city.begin() as session:
        amend(session, ALL, found["sfzh"], Amendment(f"例如 {number} 是本人"), person("lin"))
    row = finding_of(city, found["sfzh"])
    assert row.comment == "例如 110*************2X 是本人"
    with city.read() as session:
        entry = list_records(session, AuditFilter(object_id=found["sfzh"]), 1)[0]
        assert number not in str(entry.reason)
        assert entry.reason == row.comment
    for comment in (" ", "长" * 2001):
        with pytest.raises(InvalidReviewError, match="comment"), city.begin() as session:
            amend(session, ALL, found["sfzh"], Amendment(comment), person("lin"))


def test_many_are_decided_at_once_and_the_rest_named(
    city: RecordsDatabase, found: dict[str, str], person: Person
) -> None:
    amend_finding(city, found["xm"], None, person("lin"))
    with city.begin() as session:
        ids = [*found.values(), found["sfzh"], "nothing"]
        outcome = decide_many(session, ALL, ids, Confirmation("成批确认"), person("lin"))
    assert outcome.changed == [found["sfzh"], found["ddh"]] or outcome.changed == [found["ddh"], found["sfzh"]]
    assert outcome.failed.keys() == {found["xm"], "nothing"}
    with pytest.raises(InvalidReviewError, match="500"), city.begin() as session:
        decide_many(session, ALL, [str(number) for number in range(501)], FALSE, person("lin"))


def test_a_step_that_fails_leaves_nothing(city: RecordsDatabase, found: dict[str, str], person: Person) -> None:
    with pytest.raises(UnknownGradeError):
        amend_finding(city, found["sfzh"], "L9", person("lin"))
    row = finding_of(city, found["sfzh"])
    assert (row.grade, row.proposed_by) == ("general_3", "classification")
    with city.read() as session:
        assert len(finding_steps(session, ALL, found["sfzh"])) == 1
        assert list_records(session, AuditFilter(object_id=found["sfzh"]), 10) == []
