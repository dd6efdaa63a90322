"""及时整改率, MTTA and MTTR, recomputed from append-only rows as ``policies/incidents/performance.yml`` says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from pydantic import Field
from sqlalchemy.orm import Session

from incidents.clocks.folding import Standing, fold
from incidents.flow import flow_policy
from incidents.models import ClockEvent, IncidentTransition
from incidents.repository import history
from incidents.vocabulary import ClockAct, ClockState, IncidentState, NoticeStep, Subject
from incidents.wording import Label, PolicyModel
from policies import load_policy
from registry import UnitScope


class RatePolicy(PolicyModel):
    """What the headline rate counts, by which clocks, and where it should stand."""

    label: Label
    target_percent: int = Field(ge=0, le=100)
    counts: tuple[Subject, ...] = Field(min_length=1)
    incident_clock: str
    notice_clock: str


class PerformancePolicy(PolicyModel):
    """The rate; the mean times have nothing to choose."""

    rate: RatePolicy


@dataclass(frozen=True, slots=True)
class Period:
    """Items opened in [start_ms, end_ms), as they stood at ``as_of_ms``."""

    start_ms: int
    end_ms: int
    as_of_ms: int


@dataclass(frozen=True, slots=True)
class Timeliness:
    """How many items were rectified in time, were not, or may still be."""

    in_time: int = 0
    late: int = 0
    pending: int = 0

    @property
    def rate(self) -> float | None:
        """In time of all that are decided; None as long as none is."""
        decided = self.in_time + self.late
        return self.in_time / decided if decided else None

    def __add__(self, other: Timeliness) -> Timeliness:
        return Timeliness(self.in_time + other.in_time, self.late + other.late, self.pending + other.pending)


@dataclass(frozen=True, slots=True)
class Performance:
    """The figures of a period; mean times in ms, None where there is nothing to average."""

    rectified_in_time_rate: float | None
    target_rate: float
    incidents: Timeliness
    notices: Timeliness
    mtta_ms: int | None
    mttr_ms: int | None


@cache
def performance_policy() -> PerformancePolicy:
    """The shipped definition."""
    return load_policy("incidents/performance.yml", PerformancePolicy)


def performance(session: Session, scope: UnitScope, period: Period) -> Performance:
    """The figures of the incidents and notices in a scope."""
    policy = performance_policy().rate
    steps = history.incident_steps(session, scope, period)
    counted = {key: of_it for key, of_it in steps.items() if _counts(of_it)}
    incidents = _incidents(session, counted, period)
    notices = _notices(session, scope, period)
    parts = {Subject.INCIDENT: incidents, Subject.NOTICE: notices}
    headline = sum((parts[subject] for subject in policy.counts), Timeliness())
    taken_on = history.first_owned(session, list(counted), period)
    return Performance(
        headline.rate,
        policy.target_percent / 100,
        incidents,
        notices,
        _mean(_acknowledged(of_it, taken_on.get(key)) for key, of_it in counted.items()),
        _mean(_resolved(of_it) for of_it in counted.values()),
    )


def timely(events: Sequence[ClockEvent], as_of_ms: int) -> bool | None:
    """Whether a clock was met in time in every round; None as long as it may be. An end told late counts as told."""
    standing: Standing | None = None
    for event in events:
        if standing is not None and event.act == ClockAct.START and _is_late(standing, as_of_ms):
            return False
        standing = fold(standing, event)
    if standing is None:
        return None
    if _is_late(standing, as_of_ms):
        return False
    return True if standing.state is ClockState.MET else None


def _is_late(standing: Standing, as_of_ms: int) -> bool:
    if standing.state is ClockState.CANCELLED:
        return False
    overdue = standing.state is ClockState.RUNNING and standing.due_ms is not None and standing.due_ms < as_of_ms
    return overdue or standing.breached_ms is not None


def _counts(steps: Sequence[IncidentTransition]) -> bool:
    last = steps[-1]
    return last.to_state != IncidentState.MERGED and last.conclusion not in flow_policy().uncounted


def _incidents(session: Session, counted: dict[str, list[IncidentTransition]], period: Period) -> Timeliness:
    clock = performance_policy().rate.incident_clock
    events = history.events_of_clock(session, Subject.INCIDENT, clock, list(counted), period)
    return _tally(timely(events.get(key, []), period.as_of_ms) for key in counted)


def _notices(session: Session, scope: UnitScope, period: Period) -> Timeliness:
    steps = history.notice_steps(session, scope, period)
    counted = {key: of_it for key, of_it in steps.items() if of_it[-1].step != NoticeStep.WITHDRAW}
    clock = performance_policy().rate.notice_clock
    events = history.events_of_clock(session, Subject.NOTICE, clock, list(counted), period)
    outcomes = []
    for key, of_it in counted.items():
        outcome = timely(events.get(key, []), period.as_of_ms)
        verified = any(step.step == NoticeStep.VERIFY for step in of_it)
        outcomes.append(None if outcome and not verified else outcome)
    return _tally(outcomes)


def _tally(outcomes: Iterable[bool | None]) -> Timeliness:
    listed = list(outcomes)
    return Timeliness(listed.count(True), listed.count(False), listed.count(None))


def _acknowledged(steps: Sequence[IncidentTransition], owned_ms: int | None) -> int | None:
    moments = [step.at for step in steps[1:2]] + ([owned_ms] if owned_ms is not None else [])
    return max(0, min(moments) - steps[0].at) if moments else None


def _resolved(steps: Sequence[IncidentTransition]) -> int | None:
    """From opening to being handled for the last time; None unless it is still handled or closed."""
    handled_at, handled = flow_policy().handled_at, None
    for step in steps:
        if step.to_state == handled_at:
            handled = step.at
        elif step.to_state not in {IncidentState.CLOSED, IncidentState.MERGED}:
            handled = None
    return None if handled is None else max(0, handled - steps[0].at)


def _mean(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) // len(known) if known else None
