"""Who is told of a clock: by policy, once for each stage, up the tree of units, and each person sees their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from incidents import (
    IncidentLevel,
    LevelDecision,
    NewIncident,
    NewNotice,
    Subject,
    acknowledge_notice,
    decide_level,
    issue_notice,
    open_incident,
)
from incidents.clocks.watching import watch_clocks
from incidents.models import Clock, Reminder, ReminderMessage
from incidents.reminders.reading import Reader, count_unseen, list_reminders, mark_seen
from registry.models import UnitRecord
from store.records import RecordsDatabase
from tests.incidents.town import DAY, HOUR, MINUTE, Time

if TYPE_CHECKING:
    from tests.incidents.conftest import People

BOTH = frozenset(Subject)
LEAD = {"role": "data_security_lead", "name": "Li", "telephone": "", "email": "li@housing.example"}
MAYOR = {"role": "data_security_lead", "name": "Ma", "telephone": "", "email": "ma@city.example"}


def _person(name: str, *roles: str, bound: tuple[str, ...] = (), units: tuple[str, ...] = ()) -> Reader:
    return Reader(name, frozenset(roles), frozenset(bound), frozenset(units), BOTH)


def _told(records: RecordsDatabase, reader: Reader) -> list[tuple[str, str, int]]:
    with records.read() as session:
        found = list_reminders(session, reader, unseen=False, limit=100)
    return [(each.reminder.clock, each.reminder.stage, each.reminder.escalation) for each in reversed(found)]


def _watched(records: RecordsDatabase, now: int) -> None:
    with records.begin() as session:
        watch_clocks(session, now)


def _due(records: RecordsDatabase, subject_id: str, clock: str) -> int:
    with records.read() as session:
        return (
            session.scalars(select(Clock.due_ms).where(Clock.subject_id == subject_id, Clock.clock == clock)).one() or 0
        )


def _grave(records: RecordsDatabase, people: People, level: int) -> str:
    with records.begin() as session:
        incident = open_incident(
            session, NewIncident("Defaced", "network_attack", "defacement", system_id="portal"), people()
        )
        decide_level(session, incident.id, LevelDecision(IncidentLevel(level), "so"), people())
        return incident.id


def test_each_stage_of_a_clock_is_told_once_to_whom_policy_names(records: RecordsDatabase, people: People) -> None:
    incident = _grave(records, people, 4)
    due = _due(records, incident, "respond")
    for at in (due - 30 * MINUTE, due - MINUTE, due + MINUTE, due + 2 * MINUTE, due + 241 * MINUTE, due + 300 * MINUTE):
        _watched(records, at)
        _watched(records, at)
    stages = [("respond", "warned", 0), ("respond", "late", 0), ("respond", "escalated", 1)]
    assert [each for each in _told(records, _person("wang", "analyst")) if each[0] == "respond"] == stages
    keeper = [each for each in _told(records, _person("zhao", "security_administrator")) if each[0] == "respond"]
    assert keeper == [("respond", "escalated", 2)]
    assert _told(records, _person("li", bound=("unit_user",), units=("housing",))) == []


def test_a_grave_incident_is_told_to_the_security_administrator_from_the_first(
    records: RecordsDatabase, people: People
) -> None:
    incident = _grave(records, people, 1)
    _watched(records, _due(records, incident, "respond") - MINUTE)
    assert ("respond", "warned", 0) in _told(records, _person("zhao", "security_administrator"))


def test_a_stage_whose_reminders_were_not_written_is_told_at_the_next_round(
    records: RecordsDatabase, people: People
) -> None:
    incident = _grave(records, people, 4)
    at = _due(records, incident, "respond") - MINUTE

    def dies() -> None:
        with records.begin() as session:
            assert watch_clocks(session, at)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        dies()
    assert _told(records, _person("wang", "analyst")) == []
    _watched(records, at)
    assert _told(records, _person("wang", "analyst")).count(("respond", "warned", 0)) == 1


def test_an_overdue_notice_is_told_to_its_unit_and_then_to_the_unit_above(
    records: RecordsDatabase, people: People, time: Time
) -> None:
    with records.begin() as session:
        for unit, contact in (("housing", LEAD), ("city", MAYOR)):
            session.execute(update(UnitRecord).where(UnitRecord.id == unit).values(contacts=[contact]))
        new = NewNotice("housing", "Mask it", "Mask the fields", time.now + 10 * DAY)
        notice = issue_notice(session, new, people()).id
        acknowledge_notice(session, notice, people("li"))
    due = _due(records, notice, "notice_answer")
    housing, city = (_person(unit, bound=("unit_user",), units=(unit,)) for unit in ("housing", "city"))
    police = _person("police", bound=("unit_user",), units=("police",))
    _watched(records, due + MINUTE)
    assert _told(records, housing) == [("notice_answer", "late", 0)]
    assert _told(records, city) == [("notice_answer", "escalated", 1)]
    assert _told(records, police) == []
    _watched(records, due + DAY + HOUR)
    assert _told(records, city)[-1] == ("notice_answer", "escalated", 2)
    assert _told(records, housing) == [("notice_answer", "late", 0)]
    with records.read() as session:
        messages = session.scalars(select(ReminderMessage).order_by(ReminderMessage.at, ReminderMessage.address)).all()
    told = [(each.channel, each.address, each.data["stage"], each.state) for each in messages]
    assert {each[1] for each in told if each[0] == "people" and each[2] == "late"} == {
        "unit_data_officer|housing",
        "unit_user|housing",
    }
    assert [each for each in told if each[0] == "mail"] == [
        ("mail", "li@housing.example", "late", "pending"),
        ("mail", "ma@city.example", "escalated", "pending"),
        ("mail", "ma@city.example", "escalated", "pending"),
    ]


def test_who_has_seen_a_reminder_is_not_counted_on_for_others(records: RecordsDatabase, people: People) -> None:
    incident = _grave(records, people, 4)
    _watched(records, _due(records, incident, "respond") - MINUTE)
    wang, zhang = _person("wang", "analyst"), _person("zhang", "analyst")
    with records.begin() as session:
        before = count_unseen(session, wang)
        first = list_reminders(session, wang, unseen=True, limit=1)[0].reminder.id
        assert (mark_seen(session, wang, [first], 1), mark_seen(session, wang, [first], 2)) == (1, 0)
        assert mark_seen(session, _person("li", bound=("unit_user",), units=("housing",)), [first], 3) == 0
    with records.read() as session:
        assert (count_unseen(session, wang), count_unseen(session, zhang)) == (before - 1, before)
        hidden = Reader("x", frozenset({"analyst"}), frozenset(), frozenset(), frozenset({Subject.NOTICE}))
        assert count_unseen(session, hidden) == 0
    with pytest.raises(DBAPIError, match="append-only"), records.begin() as session:
        session.execute(update(Reminder).values(role="nobody"))
