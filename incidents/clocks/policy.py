"""The model of ``policies/incidents/clocks.yml``."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from incidents.clocks.calendar import WorkingCalendar, working_calendar
from incidents.vocabulary import ClockMoment, IncidentLevel, Operator, Subject
from incidents.wording import Label, PolicyModel
from policies import load_policy

Code = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,64}$")]
_Amount = Annotated[int, Field(gt=0, le=1000)]
_MS_PER_MINUTE = 60_000
_MS_PER_HOUR = 60 * _MS_PER_MINUTE
_MS_PER_DAY = 24 * _MS_PER_HOUR


class Duration(PolicyModel):
    """How long; exactly one of the units."""

    minutes: _Amount | None = None
    hours: _Amount | None = None
    days: _Amount | None = None
    working_hours: _Amount | None = None
    working_days: _Amount | None = None

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if len(self.model_dump(exclude_none=True)) != 1:
            raise ValueError("duration: exactly one of minutes, hours, days, working_hours, working_days")
        return self

    @property
    def in_working_time(self) -> bool:
        """Whether it counts office hours alone."""
        return self.working_hours is not None or self.working_days is not None

    def due(self, start: int, calendar: WorkingCalendar) -> int:
        """When it is over, counted from a start; both in ms."""
        if self.working_days is not None:
            return calendar.end_of_working_day(start, self.working_days)
        if self.working_hours is not None:
            return calendar.after(start, self.working_hours * _MS_PER_HOUR)
        minutes, hours, days = self.minutes or 0, self.hours or 0, self.days or 0
        return start + minutes * _MS_PER_MINUTE + hours * _MS_PER_HOUR + days * _MS_PER_DAY


class Escalation(PolicyModel):
    """Who is told how long after the deadline."""

    after_minutes: int = Field(ge=0, le=525_600)
    to: tuple[str, ...] = Field(min_length=1)


class ClockPolicy(PolicyModel):
    """One entry: which clock, of what, from when to when."""

    id: Code
    code: Code
    label: Label
    subject: Subject
    levels: frozenset[IncidentLevel] = frozenset(IncidentLevel)
    operators: frozenset[Operator] = frozenset(Operator)
    begins: ClockMoment
    ends: ClockMoment
    duration: Duration
    warn_before_minutes: int = Field(ge=0, le=525_600)
    pausable: bool = True
    escalate: tuple[Escalation, ...]
    effective: date
    expires: date | None = None
    basis: str

    def in_force(self, day: date) -> bool:
        """Whether it holds for clocks that begin on a day."""
        return self.effective <= day and (self.expires is None or day < self.expires)


class WatchPolicy(PolicyModel):
    """How many clocks a round looks at, and what it does when time itself jumps."""

    at_once: int = Field(gt=0)
    tolerance_seconds: int = Field(gt=0)
    settle_seconds: int = Field(gt=0)


class ClocksPolicy(PolicyModel):
    """All clocks, in order, and the watch over them."""

    clocks: tuple[ClockPolicy, ...]
    watch: WatchPolicy

    @model_validator(mode="after")
    def _ids_differ(self) -> Self:
        ids = [each.id for each in self.clocks]
        if twice := {each for each in ids if ids.count(each) > 1}:
            raise ValueError(f"clocks: the ids {sorted(twice)} stand there twice; rename one of each")
        return self

    def entry(self, entry_id: str) -> ClockPolicy | None:
        """The entry of an id; None for one that the policy no longer has."""
        return next((each for each in self.clocks if each.id == entry_id), None)

    def codes(self, subject: Subject) -> list[str]:
        """The codes of a subject's clocks, in order."""
        return list(dict.fromkeys(each.code for each in self.clocks if each.subject is subject))


@cache
def clocks_policy() -> ClocksPolicy:
    """The shipped clocks."""
    return load_policy("incidents/clocks.yml", ClocksPolicy)


def default_deadline(start: int) -> int:
    """When the answer to a notice is due that names no deadline.

    Raises:
        ValueError: the policy has no such clock in force.
    """
    calendar = working_calendar()
    day = calendar.local_day(start)
    for each in clocks_policy().clocks:
        if each.code == "notice_answer" and each.in_force(day):
            return each.duration.due(start, calendar)
    raise ValueError("policies/incidents/clocks.yml: no clock notice_answer is in force; add one")
