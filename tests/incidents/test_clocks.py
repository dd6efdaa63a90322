"""Clocks at known moments: duties to report, working days, pauses, warnings, escalations, time that jumps."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from audit import AuditFilter, list_records
from incidents import (
    ClockWatch,
    IncidentLevel,
    IncidentState,
    IncidentTransitionError,
    InvalidIncidentError,
    LevelDecision,
    Merging,
    Move,
    NewIncident,
    NewNotice,
    NewReport,
    Pausing,
    ReportKind,
    Subject,
    advance,
    clocks_of,
    decide_level,
    file_report,
    issue_notice,
    merge_incident,
    open_incident,
    pause_clock,
    resume_clock,
    unmerge_incident,
)
from incidents.clocks.watching import watch_clocks
from incidents.models import Clock, ClockEvent
from store.records import RecordsDatabase
from tests.incidents.town import DAY, HOUR, MINUTE, MONDAY, Time, clock_events

if TYPE_CHECKING:
    from tests.incidents.conftest import People


def _at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp() * 1000)


def _opened(records: RecordsDatabase, people: People, level: int | None, system: str = "portal") -> str:
    with records.begin() as session:
        new = NewIncident("x", "network_attack", "defacement", system_id=system)
        incident = open_incident(session, new, people()).id
        if level is not None:
            decide_level(session, incident, LevelDecision(IncidentLevel(level), "so"), people())
        return incident


def _clocks(records: RecordsDatabase, incident: str, subject: Subject = Subject.INCIDENT) -> dict[str, Clock]:
    with records.read() as session:
        return clocks_of(session, subject, incident)


@pytest.mark.parametrize(
    ("system", "level", "hours"), [("grid", 1, 1), ("grid", 3, 1), ("portal", 2, 4), ("portal", 4, None)]
)
def test_the_first_report_is_due_by_whose_system_it_is(
    records: RecordsDatabase, people: People, system: str, level: int, hours: int | None
) -> None:
    clocks = _clocks(records, _opened(records, people, level, system))
    due = clocks["first_report"].due_ms if hours else None
    assert due == (MONDAY + hours * HOUR if hours else None)
    assert ("first_report" in clocks) is (hours is not None)


def test_a_report_told_late_ends_its_duty_when_it_was_made(
    records: RecordsDatabase, people: People, time: Time
) -> None:
    incident = _opened(records, people, 1, "grid")
    time.pass_(3 * HOUR)
    with records.begin() as session:
        watch_clocks(session, time.now)
        file_report(session, incident, NewReport(ReportKind.FIRST, "公安", reported_ms=MONDAY + 50 * MINUTE), people())
    clocks = _clocks(records, incident)
    first, upward = clocks["first_report"], clocks["upward_report"]
    assert (first.state, first.ended_ms, first.breached_ms) == ("met", MONDAY + 50 * MINUTE, None)
    assert (upward.state, upward.due_ms) == ("running", MONDAY + 80 * MINUTE)
    with records.begin() as session, pytest.raises(InvalidIncidentError, match="time"):
        file_report(session, incident, NewReport(ReportKind.UPWARD, "x", reported_ms=MONDAY - 1), people())


def test_a_deadline_in_working_days_passes_over_the_spring_festival(
    records: RecordsDatabase, people: People, time: Time
) -> None:
    time.now = _at("2026-02-12 10:00")  # a Thursday; Saturday the 14th is worked, then nine days are off
    clocks = _clocks(records, _opened(records, people, 3))
    assert clocks["rectify"].due_ms == _at("2026-02-26 17:30")


def test_a_pause_keeps_what_is_left_of_working_time(records: RecordsDatabase, people: People, time: Time) -> None:
    time.now = _at("2026-01-12 08:00")
    incident = _opened(records, people, 3)  # due on Monday the 19th, 17:30
    time.now = _at("2026-01-19 16:30")
    with records.begin() as session:
        pause_clock(session, incident, Pausing("rectify", "等待厂商"), people())
    assert _clocks(records, incident)["rectify"].next_ms is None
    time.now = _at("2026-01-23 17:00")
    with records.begin() as session:
        assert [alarm.code for alarm in watch_clocks(session, time.now) if alarm.code == "rectify"] == []
        clock = resume_clock(session, incident, Pausing("rectify", "厂商已答复"), people())
        assert clock.due_ms == _at("2026-01-26 09:30")  # half an hour on Friday, half on Monday
    with records.begin() as session, pytest.raises(IncidentTransitionError, match="may not be paused"):
        pause_clock(session, incident, Pausing("first_report", "x"), people())


def test_the_watch_warns_then_notes_then_escalates_once_each(
    records: RecordsDatabase, people: People, time: Time
) -> None:
    incident = _opened(records, people, 4)
    seen: list[tuple[str, tuple[str, ...]]] = []
    for _ in range(20):
        time.pass_(30 * MINUTE)
        with records.begin() as session:
            alarms = watch_clocks(session, time.now)
        seen += [(alarm.act, alarm.roles) for alarm in alarms if alarm.code == "respond"]
    assert seen == [
        ("warned", ()),
        ("breached", ()),
        ("escalated", ("analyst",)),
        ("escalated", ("security_administrator",)),
    ]
    with records.read() as session:
        actions = [row.action for row in list_records(session, AuditFilter(object_id=incident), 99)]
    assert [each for each in actions if each.startswith("incident:clock")][::-1] == [
        "incident:clock-warned",
        "incident:clock-breached",
        "incident:clock-escalated",
        "incident:clock-escalated",
    ]


def test_another_level_brings_other_clocks(records: RecordsDatabase, people: People) -> None:
    incident = _opened(records, people, 1)
    assert _clocks(records, incident)["rectify"].due_ms == MONDAY + 3 * DAY
    with records.begin() as session:
        decide_level(session, incident, LevelDecision(IncidentLevel.GENERAL, "less than thought"), people())
    clocks = _clocks(records, incident)
    assert (clocks["first_report"].state, clocks["rectify"].entry) == ("cancelled", "rectify_general")
    assert clocks["rectify"].due_ms == _at("2026-01-26 17:30")


def test_merged_incidents_stop_and_go_on_where_they_were(records: RecordsDatabase, people: People, time: Time) -> None:
    first, second = _opened(records, people, 3), _opened(records, people, 3)
    due = _clocks(records, second)["rectify"].due_ms
    with records.begin() as session:
        advance(session, second, Move(IncidentState.NOTIFICATION), people())
        merge_incident(session, second, Merging(first, "same cause"), people())
    assert {clock.state for clock in _clocks(records, second).values()} <= {"cancelled", "met"}
    time.pass_(DAY)
    with records.begin() as session:
        assert unmerge_incident(session, second, "another cause", people()).state == "notification"
    clock = _clocks(records, second)["rectify"]
    assert (clock.state, clock.due_ms) == ("running", due)


def test_time_set_back_makes_no_event_earlier(records: RecordsDatabase, people: People, time: Time) -> None:
    incident = _opened(records, people, 1)
    time.pass_(2 * HOUR)
    with records.begin() as session:
        assert watch_clocks(session, time.now)
    time.now = MONDAY + MINUTE
    with records.begin() as session:
        assert watch_clocks(session, time.now) == []
        advance(session, incident, Move(IncidentState.NOTIFICATION), people())
        events = [each for each in clock_events(session, Subject.INCIDENT, incident) if each.clock == "respond"]
        clock = clocks_of(session, Subject.INCIDENT, incident)["respond"]
    assert [each.act for each in events] == ["start", "cancel", "start", "breached", "escalated", "met"]
    assert (events[3].recorded_ms, events[5].at) == (MONDAY + 2 * HOUR, MONDAY + MINUTE)
    assert (clock.state, clock.breached_ms) == ("met", None)  # done in time by the clock that was set right


def test_a_watch_whose_clock_jumps_holds_still(records: RecordsDatabase, people: People) -> None:
    incident = _opened(records, people, 1)
    wall, steady = [MONDAY], [0.0]
    watch = ClockWatch(records, lambda: wall[0], lambda: steady[0])

    def after(seconds: int, jump_ms: int = 0) -> list[str]:
        steady[0] += seconds
        wall[0] += seconds * 1000 + jump_ms
        return [alarm.act for alarm in watch.turn() if alarm.code == "respond"]

    assert after(1) == []
    assert after(1, 365 * DAY) == []  # a year ahead: nothing is late because of that
    assert after(60) == []
    assert after(1, -365 * DAY) == []  # set right again
    assert after(601) == []
    assert after(10 * 60) == ["warned"]
    assert after(20 * 60) == ["breached", "escalated"]
    with records.read() as session:
        assert [row.action for row in list_records(session, AuditFilter(object_id="machine"), 9)] == ["clock:jump"] * 2
        assert clocks_of(session, Subject.INCIDENT, incident)["respond"].breached_ms == MONDAY + 30 * MINUTE


def test_a_watch_after_a_long_sleep_notes_what_passed(records: RecordsDatabase, people: People) -> None:
    """A process that was off for a month has no steady clock to compare with: it notes at once."""
    _opened(records, people, 4)
    watch = ClockWatch(records, lambda: MONDAY + 30 * DAY, lambda: 5.0)
    assert {alarm.act for alarm in watch.turn()} == {"breached", "escalated"}


def test_a_notice_has_the_deadline_of_policy_or_its_own(records: RecordsDatabase, people: People) -> None:
    with records.begin() as session:
        by_policy = issue_notice(session, NewNotice("housing", "x", "x"), people())
        own = issue_notice(session, NewNotice("housing", "x", "x", MONDAY + DAY), people())
    assert (by_policy.deadline_ms, own.deadline_ms) == (_at("2026-01-26 17:30"), MONDAY + DAY)
    clocks = _clocks(records, own.id, Subject.NOTICE)
    assert (clocks["notice_answer"].due_ms, clocks["notice_acknowledge"].due_ms) == (
        MONDAY + DAY,
        _at("2026-01-13 17:30"),
    )


def test_what_happened_to_clocks_cannot_be_changed(records: RecordsDatabase, people: People) -> None:
    _opened(records, people, 1)
    for statement in (update(ClockEvent).values(due_ms=0), delete(ClockEvent)):
        with pytest.raises(DBAPIError, match="append-only"), records.begin() as session:
            session.execute(statement)
