"""Assessments are taken up once each, whoever works, and what people say of them stays; on each engine of records."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit import Actor, AuditFilter, list_records
from audit.authorship import ChangedBy
from compliance import (
    Assessment,
    AssessmentConflictError,
    AssessmentNotFoundError,
    AssessmentSources,
    ComplianceWorker,
    Decision,
    Judgment,
    WorkState,
    decide,
    gaps_of,
    get_assessment,
    item_history,
    list_assessments,
    notices_of,
    notify_gaps,
    request_assessment,
    summarize,
)
from compliance.errors import ComplianceError, LevelsMissingError
from compliance.platform_facts import PlatformFacts
from events import now_ms
from policies.compliance.checks import check_policy
from policies.compliance.words import compliance_words
from registry import UnitScope
from registry.entries import SystemEntry, UnitEntry
from registry.models import SystemRecord
from registry.registers import SYSTEMS, UNITS, Editor, put
from store.embedded import EmbeddedEventStore
from store.records import RecordsDatabase

_ASSESSMENTS = 6
HOUR = 3_600_000


def _editor() -> Editor:
    return Editor(ChangedBy(Actor("user", "auditor", "Auditor"), now_ms()), UnitScope.everything())


@pytest.fixture
def records(empty_records: RecordsDatabase) -> RecordsDatabase:
    with empty_records.begin() as session:
        put(session, UNITS, UnitEntry(id="u", name="u", level="city"), _editor())
        parties = {"operator_id": "u", "owner_id": "u", "supervisor_id": "u"}
        entry = {"id": "s", "name": "s", "level_s": 2, "level_a": 2, **parties}
        put(session, SYSTEMS, SystemEntry.model_validate(entry), _editor())
    return empty_records


@pytest.fixture
def sources(tmp_path: Path) -> Iterator[AssessmentSources]:
    store = EmbeddedEventStore(tmp_path / "events")
    yield AssessmentSources(store)
    store.close()


def _asked(records: RecordsDatabase) -> str:
    with records.begin() as session:
        return request_assessment(session, "s", _editor()).id


def test_two_workers_share_what_waits_and_take_up_what_was_left(
    records: RecordsDatabase, sources: AssessmentSources
) -> None:
    asked = {_asked(records) for _ in range(_ASSESSMENTS)}
    left = min(asked)
    with records.begin() as session:
        row = session.get_one(Assessment, left)
        row.state, row.claimed_ms, row.attempts = WorkState.RUNNING.value, now_ms() - HOUR, 1
    done: list[int] = []
    workers = [ComplianceWorker(records, sources) for _ in range(2)]
    threads = [threading.Thread(target=lambda each=each: done.append(each.work_off())) for each in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(done) == _ASSESSMENTS
    with records.read() as session:
        found = {each.id: each for each in list_assessments(session, UnitScope.everything(), "s")}
        finished = list_records(session, AuditFilter(action="assessment:finish"), 100)
    assert {each.state for each in found.values()} == {WorkState.DONE.value}
    assert {key: each.attempts for key, each in found.items()} == {key: 1 + (key == left) for key in asked}
    assert sorted(str(each.object_id) for each in finished) == sorted(asked)


def test_what_people_say_of_an_assessment_stays(records: RecordsDatabase, sources: AssessmentSources) -> None:
    place = ("s", _asked(records))
    with pytest.raises(AssessmentConflictError, match="queued"), records.begin() as session:
        decide(session, place, Decision("7.1.1.1 a", Judgment.FULFILLED, "seen"), _editor())
    assert ComplianceWorker(records, sources).work_off() == 1
    with records.begin() as session:
        decide(session, place, Decision("7.1.1.1 a", Judgment.FULFILLED, "seen"), _editor())
        found = get_assessment(session, UnitScope.everything(), *place)
        gaps = gaps_of(found, summarize(session, found))
        [notice] = notify_gaps(session, found, gaps, ["7.1.6.1"], _editor())
    with records.read() as session:
        found = get_assessment(session, UnitScope.everything(), *place)
        judged = [each.judgment for each in item_history(session, found.id, "7.1.1.1 a")]
        assert judged == [Judgment.UNKNOWN.value, Judgment.FULFILLED.value]
        assert "7.1.1.1 a" not in {each.ref for each in gaps_of(found, summarize(session, found))}
        assert {ref: each.number for ref, each in notices_of(session, found).items()} == {"7.1.6.1": notice.number}
    for ref, error in (("7.1.6.1", AssessmentConflictError), ("7.1.1.1 a", AssessmentNotFoundError)):
        with pytest.raises(error), records.begin() as session:
            notify_gaps(session, found, gaps_of(found, summarize(session, found)), [ref], _editor())


def test_why_one_failed_is_a_code_with_words_in_both_languages(
    records: RecordsDatabase, sources: AssessmentSources
) -> None:
    asked = _asked(records)
    with records.begin() as session:
        system = session.get_one(SystemRecord, "s")
        system.level = system.level_s = system.level_a = None
    assert ComplianceWorker(records, sources).work_off() == 1
    with records.read() as session:
        found = get_assessment(session, UnitScope.everything(), "s", asked)
    assert (found.state, found.problem) == (WorkState.FAILED.value, LevelsMissingError.code)
    told = compliance_words().problems
    assert {each.code for each in (ComplianceError, AssessmentNotFoundError, LevelsMissingError)} < told.keys()


def test_what_breaks_is_tried_again_and_then_given_up(records: RecordsDatabase, sources: AssessmentSources) -> None:
    asked = _asked(records)
    worker = ComplianceWorker(records, dataclasses.replace(sources, facts=_broken))
    assert worker.work_off() == check_policy().work.attempts
    with records.read() as session:
        found = get_assessment(session, UnitScope.everything(), "s", asked)
    assert (found.state, found.problem) == (WorkState.FAILED.value, "broke")
    assert "broke" in compliance_words().problems


def _broken() -> PlatformFacts:
    raise RuntimeError("a wrong turn")
