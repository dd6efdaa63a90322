"""Matches of a correlation told once: windows that overlap are one episode."""

from __future__ import annotations

from collections.abc import Iterable

from detection.correlation.family import CorrelationMatch
from events import Event, format_timestamp


def episodes(matches: Iterable[CorrelationMatch]) -> list[CorrelationMatch]:
    """One match for each run of overlapping windows of a correlation and group, in the order of their ends.

    It spans the run, has all its events, and the metric of its last window.
    """
    runs: dict[tuple[str, tuple[str, ...]], list[list[CorrelationMatch]]] = {}
    for match in sorted(matches, key=_end):
        mine = runs.setdefault((match.rule.id, match.key), [])
        if mine and match.start <= mine[-1][-1].time:
            mine[-1].append(match)
        else:
            mine.append([match])
    return sorted((_joined(run) for mine in runs.values() for run in mine), key=_end)


def as_event(match: CorrelationMatch) -> Event:
    """A correlation's match in the form of an event, with the group's fields and ``fengsui.correlation.*``.

    ``metric`` is what was measured, ``start`` and ``@timestamp`` are the ends of the window, ``event_ids`` are the
    contributing events.
    """
    return {
        "@timestamp": format_timestamp(match.time),
        "event.kind": "alert",
        "event.dataset": match.dataset,
        **match.group,
        "fengsui.correlation.type": match.rule.type.value,
        "fengsui.correlation.metric": float(match.metric),
        "fengsui.correlation.start": format_timestamp(match.start),
        "fengsui.correlation.event_ids": [event_id for event_id, _ in match.events],
    }


def _joined(run: list[CorrelationMatch]) -> CorrelationMatch:
    events = dict.fromkeys(event for match in run for event in match.events)
    return run[-1]._replace(start=run[0].start, events=tuple(events))


def _end(match: CorrelationMatch) -> tuple[int, str, tuple[str, ...]]:
    return match.time, match.rule.id, match.key
