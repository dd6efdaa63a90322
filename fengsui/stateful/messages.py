"""Messages of the matches topic: events with the rules that they satisfy, or how far workers are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from collectors.transport import EnvelopeError
from events import Event

_EVENTS = 500
_SLICE_BYTES = 1 << 20
_SPELLED_OUT = b" "
"""Begins JSON that only Python's own reader takes as it was meant."""


@dataclass(frozen=True, slots=True)
class MatchedEvent:
    """An event and the ids of the rules that it satisfies."""

    event: Event
    rule_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class StatefulMessage:
    """What a message says; ``clocks`` tells up to which time (ms) each partition of records is done."""

    matched: list[MatchedEvent] = field(default_factory=list)
    clocks: dict[int, int] = field(default_factory=dict)


def encode_matches(matched: Sequence[MatchedEvent]) -> Iterator[bytes]:
    """The messages that carry events, each about a mebibyte at most unless one event is larger."""
    lines: list[bytes] = []
    size = 0
    for each in matched:
        line = _dumped([each.event, sorted(each.rule_ids)])
        if lines and (size + len(line) > _SLICE_BYTES or len(lines) == _EVENTS):
            yield b"\n".join(lines)
            lines, size = [], 0
        lines.append(line)
        size += len(line)
    if lines:
        yield b"\n".join(lines)


def encode_clocks(clocks: Mapping[int, int]) -> bytes:
    """The message that tells how far partitions of records are done."""
    return orjson.dumps({str(partition): clock for partition, clock in clocks.items()})


def decode(message: bytes) -> StatefulMessage:
    """What a message says.

    Raises:
        EnvelopeError: it is none of ours.
    """
    try:
        if message.startswith(b"{"):
            return StatefulMessage(clocks=_clocks(orjson.loads(message)))
        return StatefulMessage([_matched(line) for line in message.split(b"\n")])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise EnvelopeError(f"the message is damaged ({type(error).__name__}); look at the broker's disk") from error


def _clocks(told: Mapping[str, int]) -> dict[int, int]:
    if not told:
        raise ValueError("no clocks")
    return {int(partition): int(clock) for partition, clock in told.items()}


def _matched(line: bytes) -> MatchedEvent:
    event, rule_ids = _loaded(line)
    if not isinstance(event["event.id"], str) or not isinstance(event["@timestamp"], str):
        raise TypeError("no event")
    return MatchedEvent(event, frozenset(rule_ids))


def _dumped(document: object) -> bytes:
    try:
        return orjson.dumps(document)
    except TypeError:  # numbers beyond 64 bits, halves of surrogate pairs
        return _SPELLED_OUT + json.dumps(document).encode("ascii")


def _loaded(line: bytes) -> Any:  # noqa: ANN401 (JSON)
    return json.loads(line) if line.startswith(_SPELLED_OUT) else orjson.loads(line)
