"""What people decided stands whatever scans see later, and falls due again in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from classification.review import (
    FindingFilter,
    Rejection,
    RejectReason,
    ReviewConflictError,
    decide_many,
    finding_steps,
    list_findings,
    suggest,
)
from store.records import RecordsDatabase
from tests.classification.review.deciding import (
    ALL,
    DAY,
    System,
    amend_finding,
    confirm_finding,
    field_of,
    finding_of,
    grade_of,
    reject_finding,
)

if TYPE_CHECKING:
    from conftest import Person, Scan, Seen


@pytest.fixture
def decided(city: RecordsDatabase, found: dict[str, str], person: Person) -> dict[str, str]:
    """The same, with the resident ID confirmed and the bank card rejected."""
    confirm_finding(city, found["sfzh"], person("lin"))
    reject_finding(city, found["ddh"], person("lin"))
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
    assert (finding_of(city, found["ddh"]).state, other.proposed_by) == ("rejected", "classification")
    confirm_finding(city, other.id, person("lin"))  # the scan's own, so whoever rejected the other may confirm it


def test_a_decision_outlives_every_rescan(
    city: RecordsDatabase, scan: Scan, seen: Seen, system: System, decided: dict[str, str]
) -> None:
    found = decided
    with city.begin() as session:
        again = suggest(session, scan({"ddh": "bank_card"}, fields=("sfzh",)), system(1))
        assert again.disagreeing == ["sfzh: resident_id"]  # the rejected one shows nothing new
    confirmed, rejected = finding_of(city, found["sfzh"]), finding_of(city, found["ddh"])
    assert (confirmed.state, confirmed.disagreement, confirmed.in_force) == ("confirmed", "not_seen", True)
    assert (rejected.state, rejected.disagreement) == ("rejected", None)
    more = {"ddh": seen("ddh", "bank_card", kinds=("checksum", "name")), "sfzh": "resident_id"}
    with city.begin() as session:
        assert suggest(session, scan(more), system(2)).disagreeing == ["ddh: bank_card"]
    rejected = finding_of(city, found["ddh"])
    assert (rejected.state, rejected.disagreement, rejected.reason) == ("rejected", "seen", "false_positive")
    assert rejected.latest is not None
    assert rejected.evidence["at"] != rejected.latest["at"]  # both stand side by side
    assert finding_of(city, found["sfzh"]).disagreement is None
    with city.begin() as session:
        assert suggest(session, scan({"ddh": "bank_card"}, "2"), system(3)).disagreeing == ["ddh: bank_card"]
    with city.read() as session:
        kinds = [step.kind for step in finding_steps(session, ALL, found["ddh"])]
    assert kinds == ["suggest", "reject", "observe", "observe"]


def test_what_a_person_proposed_is_not_taken_back_by_newer_detectors(
    city: RecordsDatabase, scan: Scan, system: System, found: dict[str, str], person: Person
) -> None:
    amend_finding(city, found["sfzh"], "general_4", person("lin"))
    with city.begin() as session:
        outcome = suggest(session, scan({}, "2", fields=("sfzh", "ddh")), system(1))
    assert outcome.superseded == ["ddh: bank_card"]
    row = finding_of(city, found["sfzh"])
    assert (row.state, row.grade, row.proposed_by) == ("suggested", "general_4", "lin")
    with pytest.raises(ReviewConflictError, match="superseded"):
        confirm_finding(city, found["ddh"], person("wang"))


def test_a_confirmed_finding_falls_due_and_is_confirmed_again(
    city: RecordsDatabase, found: dict[str, str], person: Person
) -> None:
    confirm_finding(city, found["ddh"], person("lin", 0))  # general_4: every 180 days
    due = finding_of(city, found["ddh"]).review_due_ms
    assert due is not None

    def due_ids(moment: int) -> list[str]:
        with city.read() as session:
            return [row.id for row in list_findings(session, ALL, FindingFilter(due_before_ms=moment), 10)]

    assert (due_ids(due), due_ids(due + 1)) == ([], [found["ddh"]])
    confirm_finding(city, found["ddh"], person("wang", 180 * DAY))
    assert due_ids(due + 1) == []
    assert finding_of(city, found["ddh"]).decided_by == "wang"


def test_what_was_confirmed_is_amended_before_it_is_rejected(
    city: RecordsDatabase, found: dict[str, str], person: Person
) -> None:
    confirm_finding(city, found["sfzh"], person("lin"))
    with pytest.raises(ReviewConflictError, match="amend it first"):
        reject_finding(city, found["sfzh"], person("wang"))
    amend_finding(city, found["sfzh"], None, person("wang"))
    reject_finding(city, found["sfzh"], person("lin"))
    with pytest.raises(ReviewConflictError, match="rejected"):
        confirm_finding(city, found["sfzh"], person("zhao"))
    assert (field_of(city, "sfzh"), grade_of(city)) == ((None, []), None)
