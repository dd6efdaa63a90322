"""An incident's whole life with its records in PostgreSQL, migrated as an installation is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from audit import Trust, verify_trail
from detection.alerts import record_matches
from incidents import (
    Answer,
    AttachmentFiles,
    IncidentLevel,
    IncidentOpening,
    IncidentState,
    LevelDecision,
    Move,
    NewIncident,
    NewNotice,
    Pausing,
    Period,
    Subject,
    Upload,
    acknowledge_notice,
    advance,
    answer_notice,
    attach,
    close_incident,
    decide_level,
    issue_notice,
    open_incident,
    pause_clock,
    performance,
    resume_clock,
    timeline,
    verify_notice,
)
from incidents.clocks.watching import watch_clocks
from incidents.models import ClockEvent, IncidentTransition
from incidents.repository.listing import IncidentFilter, NoticeFilter, count_incidents, list_incidents, list_notices
from registry import UnitScope
from store.records import RecordsDatabase
from tests.incidents.town import DAY, HOUR, MONDAY, PDF, Time, alert_update, fill
from tests.servers.records import PostgreSQLRecords

if TYPE_CHECKING:
    from tests.incidents.conftest import People


@pytest.fixture
def records(postgresql_records: PostgreSQLRecords) -> Iterator[RecordsDatabase]:
    with postgresql_records.database(fill) as opened:
        yield opened


def test_from_an_alert_to_a_verified_rectification(
    records: RecordsDatabase, people: People, time: Time, files: AttachmentFiles
) -> None:
    with records.begin() as session:
        record_matches(session, [alert_update("f1", 3, {"fengsui.consumer.id": "c1"})], time.now)
    [incident] = IncidentOpening(records).turn(time.now)
    with records.begin() as session:
        decide_level(session, incident, LevelDecision(IncidentLevel.CONSIDERABLE, "x"), people())
        pause_clock(session, incident, Pausing("rectify", "x"), people())
        resume_clock(session, incident, Pausing("rectify", "x"), people())
        advance(session, incident, Move(IncidentState.RESPONSE, "at once"), people())
        notice = issue_notice(session, NewNotice("housing", "整改", "收回", incident_id=incident), people()).id
        acknowledge_notice(session, notice, people("unit", "housing"))
        upload = Upload(Subject.NOTICE, notice, "证据.pdf", PDF)
        proof = attach(session, files, upload, people("unit", "housing")).id
        answer_notice(session, notice, Answer("已收回", (proof,)), people("unit", "housing"))
        verify_notice(session, notice, "", people("second"))
    time.pass_(DAY)
    with records.begin() as session:
        assert {alarm.code for alarm in watch_clocks(session, time.now)} == {"first_report"}
        advance(session, incident, Move(IncidentState.TRACING), people())
        close_incident(session, incident, Move(IncidentState.CLOSED, "x", "resolved"), people())
    with records.read() as session:
        everything = UnitScope.everything()
        figures = performance(session, everything, Period(MONDAY, MONDAY + DAY, time.now + HOUR))
        assert (figures.rectified_in_time_rate, figures.incidents.in_time, figures.notices.in_time) == (1.0, 1, 1)
        assert figures.mttr_ms == DAY
        assert count_incidents(session, everything, IncidentFilter(text="#1", levels=[3])) == {"closed": 1}
        assert list_incidents(session, UnitScope.below(["housing"]), IncidentFilter()) == []
        assert [each.id for each in list_notices(session, UnitScope.below(["city"]), NoticeFilter(text="整"))] == [
            notice
        ]
        assert {"alert", "notice", "clock", "step"} <= {item.kind for item in timeline(session, everything, incident)}
        assert verify_trail(session, Trust()).holds


@pytest.mark.parametrize("table", [ClockEvent, IncidentTransition])
def test_histories_refuse_to_change(records: RecordsDatabase, people: People, table: type[ClockEvent]) -> None:
    with records.begin() as session:
        open_incident(session, NewIncident("x", "malware"), people())
    with pytest.raises(DBAPIError, match="append-only"), records.begin() as session:
        session.execute(update(table).values(actor="x"))
