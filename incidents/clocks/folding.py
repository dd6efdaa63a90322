"""Where a clock stands, as it follows from what happened to it; no calendar and no database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from incidents.clocks.policy import ClockPolicy
from incidents.models import ClockEvent
from incidents.vocabulary import ClockAct, ClockState

_MS_PER_MINUTE = 60_000


@dataclass(frozen=True, slots=True)
class Standing:
    """A clock at a moment, as in the table ``incident_clocks``."""

    entry: str
    state: ClockState
    started_ms: int
    due_ms: int | None
    remaining_ms: int | None = None
    ended_ms: int | None = None
    warned: bool = False
    breached_ms: int | None = None
    escalations: int = 0


def fold(standing: Standing | None, event: ClockEvent) -> Standing:
    """The standing after an event.

    Raises:
        ValueError: a clock that was never started can't be anything else.
    """
    act = ClockAct(event.act)
    if act is ClockAct.START:
        started = event.at if event.begun_ms is None else event.begun_ms
        return Standing(event.entry, ClockState.RUNNING, started, event.due_ms)
    if standing is None:
        raise ValueError(f"clock {event.clock} of {event.subject} {event.subject_id} was never started")
    return _after(standing, act, event)


def _after(standing: Standing, act: ClockAct, event: ClockEvent) -> Standing:
    late = standing.due_ms is not None and event.at > standing.due_ms
    fresh = {"due_ms": event.due_ms, "warned": False}
    changes: dict[ClockAct, dict[str, Any]] = {
        ClockAct.PAUSE: {"state": ClockState.PAUSED, "due_ms": None, "remaining_ms": event.remaining_ms},
        ClockAct.RESUME: {"state": ClockState.RUNNING, "remaining_ms": None, **fresh},
        ClockAct.EXTEND: {"breached_ms": None, "escalations": 0, **fresh},
        ClockAct.WARNED: {"warned": True},
        ClockAct.BREACHED: {"breached_ms": standing.due_ms},
        ClockAct.ESCALATED: {"escalations": standing.escalations + 1},
        ClockAct.CANCEL: {"state": ClockState.CANCELLED, "ended_ms": event.at},
        ClockAct.MET: {
            "state": ClockState.MET,
            "ended_ms": event.at,
            "breached_ms": standing.due_ms if late else None,
        },
    }
    return replace(standing, **changes[act])


def next_look(standing: Standing, policy: ClockPolicy) -> int | None:
    """When the clock must be looked at: to warn, when the deadline has passed, to escalate; None for never."""
    if standing.state is not ClockState.RUNNING or standing.due_ms is None:
        return None
    warning = standing.due_ms - policy.warn_before_minutes * _MS_PER_MINUTE
    if standing.breached_ms is None:
        warns = not standing.warned and policy.warn_before_minutes > 0
        return warning if warns else standing.due_ms + 1
    if standing.escalations < len(policy.escalate):
        return standing.due_ms + 1 + policy.escalate[standing.escalations].after_minutes * _MS_PER_MINUTE
    return None
