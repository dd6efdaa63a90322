"""A clock as pages show it: what it is called, how urgent it is, and what counts down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from api.console.response_words import ResponseWords
from incidents import Clock
from incidents.clocks.policy import clocks_policy
from incidents.vocabulary import ClockState

_MARKS = ("breached", "warned", "running", "paused", "late", "met", "cancelled")
"""The most urgent first."""


@dataclass(frozen=True, slots=True)
class ClockView:
    """A clock; ``mark`` is one of breached, warned, running, paused, late, met, cancelled."""

    code: str
    name: str
    mark: str
    due_ms: int | None
    remaining_ms: int | None
    ended_ms: int | None
    is_pausable: bool

    @property
    def counts(self) -> bool:
        """Whether it counts down, or up from its deadline."""
        return self.due_ms is not None and self.mark in {"breached", "warned", "running"}


def clock_views(clocks: Iterable[Clock], words: ResponseWords, now: int) -> list[ClockView]:
    """Clocks as pages show them, the most urgent first."""
    views = [_view(clock, words, now) for clock in clocks]
    return sorted(views, key=lambda each: (_MARKS.index(each.mark), each.due_ms or 0))


def _view(clock: Clock, words: ResponseWords, now: int) -> ClockView:
    entry = clocks_policy().entry(clock.entry)
    return ClockView(
        clock.clock,
        words.clock(clock.clock, clock.entry),
        _mark(clock, now),
        clock.due_ms,
        clock.remaining_ms,
        clock.ended_ms,
        is_pausable=entry is not None and entry.pausable,
    )


def _mark(clock: Clock, now: int) -> str:
    if clock.state == ClockState.MET:
        return "late" if clock.breached_ms is not None else "met"
    if clock.state != ClockState.RUNNING:
        return clock.state
    if clock.breached_ms is not None or (clock.due_ms is not None and clock.due_ms < now):
        return "breached"
    return "warned" if clock.warned else "running"
