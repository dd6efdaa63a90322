"""Working time by ``policies/incidents/calendar.yml``: Chinese public holidays, adjusted working days, office hours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, cached_property
from itertools import pairwise
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints, model_validator

from incidents.wording import Label, PolicyModel
from policies import load_policy

OfficeHours = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")]
_DAY = timedelta(days=1)
_MS = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_SEARCH_DAYS = 3_660


class Holiday(PolicyModel):
    """Days off, both ends included."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")
    label: Label


class CalendarYear(PolicyModel):
    """What differs from plain weeks in a year."""

    confirmed: bool
    holidays: tuple[Holiday, ...]
    working: frozenset[date]


class CalendarPolicy(PolicyModel):
    """Weeks, office hours and the listed years."""

    time_zone: str
    weekdays: frozenset[Annotated[int, Field(ge=1, le=7)]] = Field(min_length=1)
    hours: tuple[OfficeHours, ...] = Field(min_length=1)
    years: dict[int, CalendarYear]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        moments = [moment for span in self.hours for moment in span.split("-")]
        if any(before >= after for before, after in pairwise(moments)):
            raise ValueError("hours: spans of one day, in order, none empty and none overlapping")
        for year, listed in self.years.items():
            days = {*listed.working, *(day for each in listed.holidays for day in (each.first, each.last))}
            if any(day.year != year for day in days):
                raise ValueError(f"years.{year}: names a day of another year; list it there")
        return self


class WorkingCalendar:
    """Counts working time; all moments are milliseconds since 1970 UTC, at which office hours begin and end."""

    def __init__(self, policy: CalendarPolicy) -> None:
        """Count by a policy."""
        self._policy = policy
        self._zone = ZoneInfo(policy.time_zone)

    @cached_property
    def _off(self) -> frozenset[date]:
        spans = [each for year in self._policy.years.values() for each in year.holidays]
        return frozenset(
            each.first + _DAY * number for each in spans for number in range((each.last - each.first).days + 1)
        )

    @cached_property
    def _on(self) -> frozenset[date]:
        return frozenset(day for year in self._policy.years.values() for day in year.working)

    @cached_property
    def _spans(self) -> tuple[tuple[time, time], ...]:
        return tuple(
            (time.fromisoformat(span[:5]), time.fromisoformat(span[6:])) for span in map(str, self._policy.hours)
        )

    def is_working_day(self, day: date) -> bool:
        """Whether a day is one of work."""
        return day in self._on or (day not in self._off and day.isoweekday() in self._policy.weekdays)

    def is_confirmed(self, day: date) -> bool:
        """Whether the holidays of a day's year are published and checked."""
        year = self._policy.years.get(day.year)
        return year is not None and year.confirmed

    def local_day(self, moment: int) -> date:
        """The day of a moment in the calendar's zone."""
        return (_EPOCH + _MS * moment).astimezone(self._zone).date()

    def office_hours(self, day: date) -> list[tuple[int, int]]:
        """The spans of work of a day, half-open; none on a day off."""
        if not self.is_working_day(day):
            return []
        return [(self._moment(day, begins), self._moment(day, ends)) for begins, ends in self._spans]

    def between(self, start: int, end: int) -> int:
        """The working time from one moment to another, in ms; 0 when the end is no later."""
        total, day, last = 0, self.local_day(start), self.local_day(max(start, end))
        while day <= last:
            total += sum(max(0, min(end, ends) - max(start, begins)) for begins, ends in self.office_hours(day))
            day += _DAY
        return total

    def after(self, start: int, working_ms: int) -> int:
        """The first moment by which so much working time has passed since a start; the start itself for none.

        Raises:
            ValueError: that is more than ten years away.
        """
        if working_ms <= 0:
            return start
        left = working_ms
        for day in self._days_from(self.local_day(start)):
            for begins, ends in self.office_hours(day):
                begun = max(start, begins)
                if ends - begun >= left:
                    return begun + left
                left -= max(0, ends - begun)
        raise ValueError("the calendar has too little working time; correct policies/incidents/calendar.yml")

    def end_of_working_day(self, start: int, days: int) -> int:
        """The end of office hours of the n-th working day after the day of a start (the day itself is not counted).

        Raises:
            ValueError: that is more than ten years away.
        """
        left = days
        for day in self._days_from(self.local_day(start) + _DAY):
            left -= self.is_working_day(day)
            if left == 0:
                return self.office_hours(day)[-1][1]
        raise ValueError("the calendar has too few working days; correct policies/incidents/calendar.yml")

    def _days_from(self, day: date) -> Iterator[date]:
        return (day + _DAY * number for number in range(_LONGEST_SEARCH_DAYS))

    def _moment(self, day: date, at: time) -> int:
        return (datetime.combine(day, at, self._zone) - _EPOCH) // _MS


@cache
def working_calendar() -> WorkingCalendar:
    """The shipped calendar."""
    return WorkingCalendar(load_policy("incidents/calendar.yml", CalendarPolicy))
