"""Findings as they are listed: each unit its own, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from classification.review import (
    Amendment,
    Confirmation,
    FindingFilter,
    FindingNotFoundError,
    FindingState,
    Proposal,
    amend,
    confirm,
    finding_steps,
    list_findings,
    propose,
    reject,
    suggest,
)
from registry import UnitScope
from store.records import RecordsDatabase
from tests.classification.review.deciding import ALL, FALSE, System

if TYPE_CHECKING:
    from conftest import Person, Scan


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
