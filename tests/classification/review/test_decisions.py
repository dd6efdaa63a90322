"""People decide, another than proposed; what they decided stands whatever scans see, and is told when they disagree."""

from __future__ import annotations

from collections.abc import Callable
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
    FindingState,
    InvalidReviewError,
    Proposal,
    Rejection,
    RejectReason,
    ReviewConflictError,
    SamePersonError,
    amend,
    confirm,
    decide_many,
    finding_steps,
    list_findings,
    propose,
    reject,
    suggest,
)
from registry import UnitScope
from registry.models import ResourceField, ResourceRecord
from store.records import RecordsDatabase

if TYPE_CHECKING:
    from conftest import Person, Scan, Seen

System = Callable[[int], ChangedBy]
ALL = UnitScope.everything()
DAY = 86_400_000
FALSE = Rejection(RejectReason.FALSE_POSITIVE)


@pytest.fixture
def found(city: RecordsDatabase, scan: Scan, system: System) -> dict[str, str]:
    """Ids of the findings of a first scan, by field."""
    with city.begin() as session:
        suggest(session, scan({"sfzh": "resident_id", "xm": "person_name", "ddh": "bank_card"}), system(0))
        return {row.field: row.id for row in session.scalars(select(Finding))}


def _finding(records: RecordsDatabase, finding_id: str) -> Finding:
    with records.read() as session:
        return session.get_one(Finding, finding_id)


def _field(records: RecordsDatabase, name: str, resource: str = "person") -> tuple[str | None, list[str]]:
    with records.read() as session:
        row = session.get_one(ResourceField, (resource, name))
        return row.grade, row.categories


def _grade(records: RecordsDatabase, resource: str = "person") -> str | None:
    with records.read() as session:
        return session.get_one(ResourceRecord, resource).grade


def _confirm(records: RecordsDatabase, finding_id: str, by: ChangedBy) -> None:
    with records.begin() as session:
        confirm(session, ALL, finding_id, Confirmation(), by)


def _reject(records: RecordsDatabase, finding_id: str, by: ChangedBy, rejection: Rejection = FALSE) -> None:
    with records.begin() as session:
        reject(session, ALL, finding_id, rejection, by)


def _amend(records: RecordsDatabase, finding_id: str, grade: str | None, by: ChangedBy) -> None:
    with records.begin() as session:
        amend(session, ALL, finding_id, Amendment("看错了", grade), by)


def test_a_confirmed_finding_reaches_the_registry(city: RecordsDatabase, found: dict[str, str], person: Person) -> None:
    _confirm(city, found["sfzh"], person("lin", 10))
    _confirm(city, found["xm"], person("lin", 11))
    row = _finding(city, found["sfzh"])
    assert (row.state, row.decided_by, row.decided_name, row.in_force) == ("confirmed", "lin", "lin 同志", True)
    assert row.review_due_ms == row.decided_ms + 365 * DAY  # type: ignore[operator]  # it is decided
    assert _field(city, "sfzh") == ("general_3", ["resident_id"])
    assert _field(city, "XM") == ("general_2", ["person_name"])  # the catalog's own way to write it stays
    assert _grade(city) == "general_3"
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
        _confirm(city, found[name], person("lin"))
    assert (_grade(city), _grade(city, "summary"), _grade(city, "visits")) == ("general_3", "general_3", None)
    _confirm(city, found["dh"], person("lin"))
    # name, number and phone make it general_4; of 100,000 people that is important
    assert (_grade(city), _grade(city, "summary")) == ("important", "important")
    _amend(city, found["dh"], None, person("wang"))
    assert _grade(city) == "important"  # in force until somebody decides
    _reject(city, found["dh"], person("lin"))
    assert _field(city, "dh") == (None, [])
    assert _grade(city) == "general_3"


def test_a_grade_that_people_set_in_the_catalog_is_never_lowered(
    city: RecordsDatabase, found: dict[str, str], person: Person
) -> None:
    with city.begin() as session:
        session.get_one(ResourceRecord, "person").grade = "general_4"
    _confirm(city, found["sfzh"], person("lin"))
    assert _grade(city) == "general_4"
    with city.begin() as session:
        session.get_one(ResourceRecord, "person").grade = "L3"  # of a scheme that is not this site's
    _confirm(city, found["xm"], person("lin"))
    assert _grade(city) == "L3"


def test_nobody_decides_on_what_is_their_own(city: RecordsDatabase, found: dict[str, str], person: Person) -> None:
    _amend(city, found["sfzh"], "general_4", person("lin"))
    for step in (_confirm, _reject):
        with pytest.raises(SamePersonError, match="colleague"):
            step(city, found["sfzh"], person("lin"))
    key = ChangedBy(person("lin").actor, 1, account_id="lin")
    with pytest.raises(SamePersonError):
        _confirm(city, found["sfzh"], ChangedBy(person("key-7").actor, key.at_ms, account_id="lin"))
    _confirm(city, found["sfzh"], person("wang"))
    assert _field(city, "sfzh") == ("general_4", ["resident_id"])
    assert _grade(city) == "general_4"


def test_the_product_decides_nothing(city: RecordsDatabase, found: dict[str, str], system: System) -> None:
    for step in (_confirm, _reject):
        with pytest.raises(InvalidReviewError, match="people"):
            step(city, found["sfzh"], system(1))
    with pytest.raises(InvalidReviewError, match="people"):
        _amend(city, found["sfzh"], None, system(1))


def test_the_wrong_category_proposes_the_right_one(
    city: RecordsDatabase, found: dict[str, str], person: Person
) -> None:
    _reject(city, found["ddh"], person("lin"), Rejection(RejectReason.WRONG_CATEGORY, "是手机", "mobile_phone"))
    with city.read() as session:
        [proposed] = list_findings(session, ALL, FindingFilter(categories=["mobile_phone"]), 10)
    assert (proposed.state, proposed.proposed_by, proposed.grade) == ("suggested", "lin", "general_2")
    with pytest.raises(SamePersonError):
        _confirm(city, proposed.id, person("lin"))
    _confirm(city, proposed.id, person("wang"))
    assert _field(city, "ddh") == ("general_2", ["mobile_phone"])
    with pytest.raises(InvalidReviewError, match="wrong_category"):
        _reject(city, found["xm"], person("lin"), Rejection(RejectReason.CONTEXT, None, "email"))
    with pytest.raises(InvalidReviewError, match="no such category"):
        _reject(city, found["xm"], person("lin"), Rejection(RejectReason.WRONG_CATEGORY, None, "nonsense"))
    assert _finding(city, found["xm"]).state == "suggested"


@pytest.fixture
def decided(city: RecordsDatabase, found: dict[str, str], person: Person) -> dict[str, str]:
    """The same, with the resident ID confirmed and the bank card rejected."""
    _confirm(city, found["sfzh"], person("lin"))
    _reject(city, found["ddh"], person("lin"))
    return found


def test_the_right_category_may_await_review_already(
    city: RecordsDatabase, scan: Scan, system: System, found: dict[str, str], person: Person
) -> None:
    with city.begin() as session:
        suggest(session, scan({"ddh": "mobile_phone"}), system(1))
    with city.begin() as session:
        rejection = Rejection(RejectReason.WRONG_CATEGORY, None, "mobile_phone")
        assert decide_many(session, ALL, [found["ddh"]], rejection, person("lin")).failed == {}
    with city.read() as session:
        [other] = list_findings(session, ALL, FindingFilter(categories=["mobile_phone"]), 10)
    assert (_finding(city, found["ddh"]).state, other.proposed_by) == ("rejected", "classification")
    _confirm(city, other.id, person("lin"))  # the scan's own, so whoever rejected the other may confirm it


def test_a_decision_outlives_every_rescan(
    city: RecordsDatabase, scan: Scan, seen: Seen, system: System, decided: dict[str, str]
) -> None:
    found = decided
    with city.begin() as session:
        again = suggest(session, scan({"ddh": "bank_card"}, fields=("sfzh",)), system(1))
        assert again.disagreeing == ["sfzh: resident_id"]  # the rejected one shows nothing new
    confirmed, rejected = _finding(city, found["sfzh"]), _finding(city, found["ddh"])
    assert (confirmed.state, confirmed.disagreement, confirmed.in_force) == ("confirmed", "not_seen", True)
    assert (rejected.state, rejected.disagreement) == ("rejected", None)
    more = {"ddh": seen("ddh", "bank_card", kinds=("checksum", "name")), "sfzh": "resident_id"}
    with city.begin() as session:
        assert suggest(session, scan(more), system(2)).disagreeing == ["ddh: bank_card"]
    rejected = _finding(city, found["ddh"])
    assert (rejected.state, rejected.disagreement, rejected.reason) == ("rejected", "seen", "false_positive")
    assert rejected.evidence["at"] != rejected.latest["at"]  # type: ignore[index]  # both stand side by side
    assert _finding(city, found["sfzh"]).disagreement is None
    with city.begin() as session:
        assert suggest(session, scan({"ddh": "bank_card"}, "2"), system(3)).disagreeing == ["ddh: bank_card"]
    with city.read() as session:
        kinds = [step.kind for step in finding_steps(session, ALL, found["ddh"])]
    assert kinds == ["suggest", "reject", "observe", "observe"]


def test_what_a_person_proposed_is_not_taken_back_by_newer_detectors(
    city: RecordsDatabase, scan: Scan, system: System, found: dict[str, str], person: Person
) -> None:
    _amend(city, found["sfzh"], "general_4", person("lin"))
    with city.begin() as session:
        outcome = suggest(session, scan({}, "2", fields=("sfzh", "ddh")), system(1))
    assert outcome.superseded == ["ddh: bank_card"]
    row = _finding(city, found["sfzh"])
    assert (row.state, row.grade, row.proposed_by) == ("suggested", "general_4", "lin")
    with pytest.raises(ReviewConflictError, match="superseded"):
        _confirm(city, found["ddh"], person("wang"))


def test_a_confirmed_finding_falls_due_and_is_confirmed_again(
    city: RecordsDatabase, found: dict[str, str], person: Person
) -> None:
    _confirm(city, found["ddh"], person("lin", 0))  # general_4: every 180 days
    due = _finding(city, found["ddh"]).review_due_ms
    assert due is not None

    def due_ids(moment: int) -> list[str]:
        with city.read() as session:
            return [row.id for row in list_findings(session, ALL, FindingFilter(due_before_ms=moment), 10)]

    assert (due_ids(due), due_ids(due + 1)) == ([], [found["ddh"]])
    _confirm(city, found["ddh"], person("wang", 180 * DAY))
    assert due_ids(due + 1) == []
    assert _finding(city, found["ddh"]).decided_by == "wang"


def test_what_was_confirmed_is_amended_before_it_is_rejected(
    city: RecordsDatabase, found: dict[str, str], person: Person
) -> None:
    _confirm(city, found["sfzh"], person("lin"))
    with pytest.raises(ReviewConflictError, match="amend it first"):
        _reject(city, found["sfzh"], person("wang"))
    _amend(city, found["sfzh"], None, person("wang"))
    _reject(city, found["sfzh"], person("lin"))
    with pytest.raises(ReviewConflictError, match="rejected"):
        _confirm(city, found["sfzh"], person("zhao"))
    assert (_field(city, "sfzh"), _grade(city)) == ((None, []), None)


def test_a_person_proposes_what_no_detector_sees(city: RecordsDatabase, person: Person) -> None:
    with city.begin() as session:
        row = propose(session, ALL, Proposal("visits", "dh", "secret_key", "general_3", "业务要求"), person("lin"))
    _confirm(city, row.id, person("wang"))
    assert _field(city, "dh", "visits") == ("general_3", ["secret_key"])
    assert _grade(city, "visits") == "general_3"
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
    row = _finding(city, found["sfzh"])
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
    _amend(city, found["xm"], None, person("lin"))
    with city.begin() as session:
        ids = [*found.values(), found["sfzh"], "nothing"]
        outcome = decide_many(session, ALL, ids, Confirmation("成批确认"), person("lin"))
    assert outcome.changed == [found["sfzh"], found["ddh"]] or outcome.changed == [found["ddh"], found["sfzh"]]
    assert outcome.failed.keys() == {found["xm"], "nothing"}
    with pytest.raises(InvalidReviewError, match="500"), city.begin() as session:
        decide_many(session, ALL, [str(number) for number in range(501)], FALSE, person("lin"))


def test_a_step_that_fails_leaves_nothing(city: RecordsDatabase, found: dict[str, str], person: Person) -> None:
    with pytest.raises(UnknownGradeError):
        _amend(city, found["sfzh"], "L9", person("lin"))
    row = _finding(city, found["sfzh"])
    assert (row.grade, row.proposed_by) == ("general_3", "classification")
    with city.read() as session:
        assert len(finding_steps(session, ALL, found["sfzh"])) == 1
        assert list_records(session, AuditFilter(object_id=found["sfzh"]), 10) == []


def test_every_unit_sees_its_own(
    city: RecordsDatabase, scan: Scan, system: System, found: dict[str, str], person: Person
) -> None:
    with city.begin() as session:
        suggest(session, scan({"a": "email"}, resource_id="visits"), system(1))
        suggest(session, scan({"a": "email"}, resource_id="new_table", unit_id="gjj"), system(2))
        suggest(session, scan({"a": "email"}, resource_id="stray"), system(3))

    def seen_by(scope: UnitScope) -> set[str]:
        with city.read() as session:
            return {row.resource_id for row in list_findings(session, scope, FindingFilter(), 100)}

    assert seen_by(UnitScope()) == set()
    assert seen_by(UnitScope.below(["gjj"])) == {"person", "new_table"}
    assert seen_by(UnitScope.below(["wjw"])) == {"visits"}
    assert seen_by(UnitScope.below(["lanhu"])) == {"person", "visits", "new_table"}
    assert seen_by(ALL) == {"person", "visits", "new_table", "stray"}
    others = UnitScope.below(["wjw"])
    for step in (
        lambda session: confirm(session, others, found["sfzh"], Confirmation(), person("lin")),
        lambda session: reject(session, others, found["sfzh"], FALSE, person("lin")),
        lambda session: amend(session, others, found["sfzh"], Amendment("x"), person("lin")),
        lambda session: propose(session, others, Proposal("person", "dh", "email"), person("lin")),
        lambda session: propose(session, others, Proposal("new_table", "b", "email"), person("lin")),
        lambda session: finding_steps(session, others, found["sfzh"]),
    ):
        with pytest.raises(FindingNotFoundError), city.begin() as session:
            step(session)


def test_pages_of_findings_meet_without_gap_or_overlap(
    city: RecordsDatabase, scan: Scan, system: System, found: dict[str, str]
) -> None:
    for number in range(5):
        with city.begin() as session:
            suggest(session, scan({"a": "email", "b": "bank_card"}, resource_id=f"t{number}"), system(number))
    pages, after = [], None
    while True:
        with city.read() as session:
            rows = list_findings(session, ALL, FindingFilter(), 4, after)
        if not rows:
            break
        pages.append(rows)
        after = (rows[-1].grade_rank, rows[-1].created_ms, rows[-1].id)
    flat = [row for page in pages for row in page]
    assert len({row.id for row in flat}) == len(flat) == len(found) + 10
    ranks = [row.grade_rank for row in flat]
    assert ranks == sorted(ranks, reverse=True)
    with city.read() as session:
        by_text = list_findings(session, ALL, FindingFilter(text="SFZ"), 10)
        by_grade = list_findings(session, ALL, FindingFilter(grades=["general_3"]), 10)
        suggested = list_findings(session, ALL, FindingFilter(states=[FindingState.CONFIRMED]), 10)
    assert [row.field for row in by_text] == ["sfzh"] == [row.field for row in by_grade]
    assert suggested == []
