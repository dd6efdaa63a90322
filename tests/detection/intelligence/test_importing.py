"""Imports add, take over and never bring back; every change leaves its trace."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlalchemy import select

from audit import Actor, AuditFilter, AuditRecord, list_records
from detection.intelligence import (
    ChangedBy,
    ImportResult,
    Indicator,
    IndicatorFilter,
    IndicatorNotFoundError,
    IndicatorTransition,
    IndicatorType,
    NewIndicator,
    count_by_type,
    import_indicators,
    indicator_transitions,
    list_indicators,
    load_intelligence_policy,
    retire_indicators,
)
from store.records import RecordsDatabase

BY = ChangedBy(Actor("user", "u-1", "li.na"))
Known = Callable[..., ImportResult]


def _trail(records: RecordsDatabase, action: str) -> list[AuditRecord]:
    with records.read() as session:
        return list_records(session, AuditFilter(action=action), 100)


def _one(records: RecordsDatabase) -> Indicator:
    with records.read() as session:
        return session.scalars(select(Indicator)).one()


def test_the_same_again_changes_nothing(records: RecordsDatabase, known: Known) -> None:
    assert known("192.0.2.1", "evil.example") == ImportResult(added=2)
    assert known("192.0.2.1", "evil.example") == ImportResult(unchanged=2)
    assert known("192.0.2.1", source="another") == ImportResult(added=1)
    with records.read() as session:
        assert count_by_type(session) == {"ip": 2, "domain": 1}
        assert len(list(session.scalars(select(IndicatorTransition)))) == 3


def test_what_a_source_says_anew_is_taken_over(records: RecordsDatabase, known: Known) -> None:
    known("192.0.2.1", confidence=10)
    before = _one(records)
    assert known("192.0.2.1", confidence=95, tlp="red", labels=("c2",)) == ImportResult(changed=1)
    after = _one(records)
    assert (after.id, after.confidence, after.tlp, after.labels) == (before.id, 95, "red", ["c2"])
    assert after.version > before.version
    with records.read() as session:
        steps = indicator_transitions(session, after.id)
    assert [(step.from_state, step.to_state, step.actor) for step in steps] == [
        (None, "active", "li.na"),
        ("active", "active", "li.na"),
    ]


def test_what_people_retired_stays_retired(records: RecordsDatabase, known: Known) -> None:
    known("192.0.2.1")
    with records.begin() as session:
        assert retire_indicators(session, [_one(records).id], "our own scanner", BY) == 1
    with records.begin() as session:
        assert retire_indicators(session, [_one(records).id], None, BY) == 0
    assert known("192.0.2.1", confidence=1) == ImportResult(retired=1)
    assert (_one(records).state, _one(records).confidence) == ("retired", 90)
    with records.read() as session:
        last = indicator_transitions(session, _one(records).id)[-1]
    assert (last.from_state, last.to_state, last.reason) == ("active", "retired", "our own scanner")


def test_retiring_what_there_is_none_of_changes_nothing(records: RecordsDatabase, known: Known) -> None:
    known("192.0.2.1")
    with pytest.raises(IndicatorNotFoundError, match="no indicator"), records.begin() as session:
        retire_indicators(session, [_one(records).id, "missing"], None, BY)
    assert _one(records).state == "active"
    assert _trail(records, "indicator:retire") == []


def test_every_import_and_retirement_is_in_the_trail(records: RecordsDatabase, known: Known) -> None:
    known("192.0.2.1")
    with records.begin() as session:
        retire_indicators(session, [_one(records).id], "noise", BY)
    [imported], [retired] = _trail(records, "indicator:import"), _trail(records, "indicator:retire")
    assert json.loads(imported.after or "") == {
        "added": 1,
        "changed": 0,
        "unchanged": 0,
        "retired": 0,
        "sources": ["city-cert"],
    }
    assert (imported.actor_name, retired.reason) == ("li.na", "noise")
    assert json.loads(retired.after or "") == {"retired": ["city-cert: 192.0.2.1"]}


def test_a_large_import_is_written_in_parts(records: RecordsDatabase) -> None:
    size = load_intelligence_policy().import_batch
    new = [NewIndicator(IndicatorType.IP, f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}", "s", 50) for n in range(size + 5)]
    assert import_indicators(records, new, BY) == ImportResult(added=size + 5)
    assert [json.loads(row.after or "")["added"] for row in _trail(records, "indicator:import")] == [5, size]


def test_lists_narrow_and_page(records: RecordsDatabase, known: Known) -> None:
    known(*(f"192.0.2.{n}" for n in range(5)))
    known("evil.example", "other.example", source="another", tlp="red")

    def values(after: tuple[int, str] | None = None, limit: int = 50, **criteria: str) -> list[Indicator]:
        with records.read() as session:
            return list_indicators(session, IndicatorFilter(**criteria), limit=limit, after=after)

    assert len(values(type="ip")) == 5
    assert {each.value for each in values(source="another", tlp="red")} == {"evil.example", "other.example"}
    assert [each.value for each in values(text="vil.")] == ["evil.example"]
    assert values(text="%") == []
    assert values(state="retired") == []
    pages, after = [], None
    while page := values(after, limit=3):
        pages += [each.id for each in page]
        after = page[-1].updated_ms, page[-1].id
    assert len(pages) == len(set(pages)) == 7
