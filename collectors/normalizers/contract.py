"""What every normalizer offers, and what it is told about the source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Protocol, runtime_checkable

from collectors.record import Reason, Record
from events import Event, Outline, now_ms


class NormalizeError(ValueError):
    """A record that can't become an event; carries the dead letter's reason and a detail without values."""

    def __init__(self, reason: Reason, detail: str) -> None:
        """Keep the reason beside the text."""
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class SourceContext:
    """What a normalizer may know about the source of a record.

    Attributes:
        source: the source's configured name.
        identity: what positions count in; part of every event id.
        zone: zone of times written without one; None is the machine's own.
        reference_ms: the moment against which a time without year is placed (the latest year not after it).
    """

    source: str
    identity: str
    zone: tzinfo | None = None
    reference_ms: int = 0

    def reference(self) -> int:
        """The reference moment in milliseconds; the present where none was given."""
        return self.reference_ms or now_ms()


class Normalizer(Protocol):
    """Turns the records of one kind of log into events.

    ``name`` is what ``--format`` takes. ``recognizes`` is cheap and strict: it says yes only to its own kind, from
    the content alone. ``normalize`` sets ``@timestamp``, ``event.dataset``, ``event.module``, the ECS names it
    knows and every field of the source under the source's namespace; id, original, source and ingest time are
    stamped by the chain.
    """

    @property
    def name(self) -> str:
        """The name of the format."""

    def recognizes(self, record: Record) -> bool:
        """Whether the record is of this kind."""

    def normalize(self, record: Record, context: SourceContext) -> Event:
        """The event of a record.

        Raises:
            NormalizeError: the record is of this kind but can't become an event.
        """


@runtime_checkable
class OutliningNormalizer(Normalizer, Protocol):
    """A normalizer that can tell beforehand what it will make of records; it recognizes documents by their names."""

    def outline(self, document: Mapping[str, object], event: Event) -> Outline | None:
        """What is known of the events of all documents like this one, which became ``event``.

        Returns:
            None where nothing is known for certain. Every document that the outline is about must become an event.
        """
