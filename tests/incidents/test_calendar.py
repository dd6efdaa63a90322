"""Working time against calendars walked minute by minute and day by day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from incidents.clocks.calendar import CalendarPolicy, WorkingCalendar, working_calendar
from policies import load_policy

_ZONE = ZoneInfo("Asia/Shanghai")
_MINUTE = 60_000
_OFF = {  # as the State Council published them, written down once more by hand
    *(date(2026, 1, day) for day in (1, 2, 3)),
    *(date(2026, 2, day) for day in range(15, 24)),
    *(date(2026, 4, day) for day in (4, 5, 6)),
    *(date(2026, 5, day) for day in range(1, 6)),
    *(date(2026, 6, day) for day in (19, 20, 21)),
    *(date(2026, 9, day) for day in (25, 26, 27)),
    *(date(2026, 10, day) for day in range(1, 8)),
}
_ON = {date(2026, month, day) for month, day in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))}


def _works(moment: datetime) -> bool:
    day, clock = moment.date(), (moment.hour, moment.minute)
    open_day = day in _ON or (day.weekday() < 5 and day not in _OFF)
    return open_day and ((9, 0) <= clock < (12, 0) or (13, 30) <= clock < (17, 30))


def _ms(moment: datetime) -> int:
    return int(moment.timestamp()) * 1000


_starts = st.integers(0, 360 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=_ZONE) + minutes * timedelta(minutes=1)
)


@given(start=_starts, minutes=st.integers(0, 6 * 24 * 60))
@settings(max_examples=40)
def test_working_time_between_is_what_walking_finds(start: datetime, minutes: int) -> None:
    walked = sum(_works(start + timedelta(minutes=passed)) for passed in range(minutes))
    end = start + timedelta(minutes=minutes)
    assert working_calendar().between(_ms(start), _ms(end)) == walked * _MINUTE


@given(start=_starts, minutes=st.integers(1, 1500))
@settings(max_examples=40)
def test_the_moment_after_working_time_is_what_walking_finds(start: datetime, minutes: int) -> None:
    walked, left = start, minutes
    while left:
        left -= _works(walked)
        walked += timedelta(minutes=1)
    assert working_calendar().after(_ms(start), minutes * _MINUTE) == _ms(walked)


@given(start=_starts, days=st.integers(1, 40))
@settings(max_examples=60)
def test_the_end_of_a_working_day_is_what_walking_finds(start: datetime, days: int) -> None:
    day, left = start.date(), days
    while left:
        day += timedelta(days=1)
        left -= day in _ON or (day.weekday() < 5 and day not in _OFF)
    expected = datetime(day.year, day.month, day.day, 17, 30, tzinfo=_ZONE)
    assert working_calendar().end_of_working_day(_ms(start), days) == _ms(expected)


@given(start=_starts, done=st.integers(0, 10**9), pause=st.integers(0, 10**9))
@settings(max_examples=100)
def test_a_pause_takes_no_working_time_away(start: datetime, done: int, pause: int) -> None:
    """What is left when a clock is paused is what is left when it runs on; in milliseconds, not minutes."""
    calendar, begun = working_calendar(), _ms(start)
    due = calendar.end_of_working_day(begun, 5)
    paused = min(begun + done, due)
    left = calendar.between(paused, due)
    resumed = paused + pause
    assert calendar.between(resumed, calendar.after(resumed, left)) == left
    if pause == 0 and left:
        assert calendar.after(resumed, left) == due


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 2, 14), True),  # a Saturday that is worked
        (date(2026, 2, 16), False),
        (date(2026, 2, 28), True),
        (date(2026, 3, 1), False),
        (date(2025, 10, 8), False),
        (date(2025, 9, 28), True),
        (date(2027, 2, 8), True),  # not published: a plain Monday
    ],
)
def test_known_days(day: date, works: bool) -> None:  # noqa: FBT001 (a row of the table)
    assert working_calendar().is_working_day(day) is works


def test_a_year_that_is_not_listed_is_not_confirmed() -> None:
    calendar = working_calendar()
    assert calendar.is_confirmed(date(2026, 12, 31))
    assert not calendar.is_confirmed(date(2027, 1, 1))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"hours": ["13:00-09:00"]}, "in order"),
        ({"hours": ["09:00-12:00", "11:00-13:00"]}, "in order"),
        ({"years": {2026: {"confirmed": True, "holidays": [], "working": ["2025-01-04"]}}}, "another year"),
        ({"weekdays": []}, "weekdays"),
    ],
)
def test_a_calendar_that_contradicts_itself_is_refused(change: dict[str, object], problem: str) -> None:
    shipped = load_policy("incidents/calendar.yml", CalendarPolicy).model_dump(by_alias=True)
    with pytest.raises(ValidationError, match=problem):
        CalendarPolicy.model_validate(shipped | change)


def test_a_calendar_without_enough_work_ends_the_search() -> None:
    shipped = load_policy("incidents/calendar.yml", CalendarPolicy).model_dump(by_alias=True)
    never = [{"from": date(2026, 1, 1), "to": date(2026, 12, 31), "label": {"zh": "停", "en": "off"}}]
    years = {year: {"confirmed": True, "holidays": [], "working": []} for year in range(2026, 2028)}
    years[2026]["holidays"] = never
    calendar = WorkingCalendar(CalendarPolicy.model_validate(shipped | {"years": years}))
    start = _ms(datetime(2026, 1, 1, tzinfo=_ZONE))
    assert calendar.between(start, start + 300 * 86_400_000) == 0
    assert calendar.local_day(calendar.end_of_working_day(start, 1)) == date(2027, 1, 1)
    with pytest.raises(ValueError, match=r"calendar\.yml"):
        calendar.end_of_working_day(start, 10_000)
