"""What passes between the stages of collection: records, dead letters, batches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from opentelemetry.trace import SpanContext

from events import Event

DEAD_LETTER_BYTES = 1 << 20
"""How much of a record that could not be used is kept with its dead letter; the source keeps the rest."""


class Reason(StrEnum):
    """Why a record could not become an event."""

    UNDECODABLE = "undecodable"  # the bytes are not what the format says
    TRUNCATED = "truncated"  # the record ends before it should
    TOO_LARGE = "too_large"  # larger than a record may be
    TOO_DEEP = "too_deep"  # nested beyond any honest log
    UNRECOGNIZED = "unrecognized"  # no normalizer knows the record
    NO_TIME = "no_time"  # the record does not say when it happened
    INVALID = "invalid"  # a field contradicts the format's own rules
    EXPANDS_TOO_FAR = "expands_too_far"  # an archive grows beyond its limits
    REJECTED = "rejected"  # the event store refused the event


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a source, decoded but not yet understood.

    Attributes:
        position: where it starts in the source: byte offset, record number or sequence number.
        raw: the record as received (for binary formats: the text the format's reader renders).
        text: the record as text, for sources of lines.
        document: the record's own structure, for sources that have one.
        decoder: name of the decoder that made it (``lines``, ``ndjson``, ``evtx`` …).
        peer: network address of the sender (``ip:port``), for records that were received rather than read.
    """

    position: int
    raw: bytes
    text: str | None = None
    document: Mapping[str, object] | None = None
    decoder: str = "lines"
    peer: str | None = None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that could not become an event, with the reason.

    Attributes:
        position: where it starts in the source.
        reason: why, as a stable code.
        detail: why, for people: where, what, and what to do next; never a value of the record.
        raw: at most the first ``DEAD_LETTER_BYTES`` of the record.
        length: length of the whole record in bytes, where known.
    """

    position: int
    reason: Reason
    detail: str
    raw: bytes
    length: int | None = None
    decoder: str = "lines"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a source has been delivered.

    Attributes:
        source: the source's configured name.
        identity: what the position counts in (a file's content identity, a spool); one source may have several.
        position: everything before it is delivered.
        state: what else the source needs to go on (JSON scalars).
        sent_ms: when what lies before it was sent, where a broker keeps the position: after a crash it may give again
            what was delivered, which then is not counted again.
    """

    source: str
    identity: str
    position: int
    state: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    sent_ms: int | None = None


@dataclass(frozen=True, slots=True)
class RecordBatch:
    """A run of records of one source, to be delivered together; ``checkpoint`` holds once all are on disk.

    Attributes:
        format: the normalizer to use instead of recognition from content.
        reference_ms: the moment against which a time without year is placed (a file's last change, a message's
            receipt), so that a replay places it alike; 0 is the present.
        shift_ms: added to every time of the events, for recordings replayed as if they happened now.
        decoded: the span in which it was made, where traces are made.
    """

    source: str
    identity: str
    records: list[Record]
    dead_letters: list[DeadLetter]
    checkpoint: Checkpoint | None = None
    format: str | None = None
    reference_ms: int = 0
    shift_ms: int = 0
    decoded: SpanContext | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class NormalizedBatch:
    """What a batch of records became: events in the order of the records, and what could not become one."""

    events: list[Event]
    dead_letters: list[DeadLetter]
