"""One group of batches from records to disk: normalized, stored, matched, and accounted for in one transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from collectors.delivery import repository
from collectors.delivery.letters import StoredDeadLetter, new_letter
from collectors.delivery.shift import shift_times
from collectors.normalizers.contract import SourceContext
from collectors.record import DEAD_LETTER_BYTES, DeadLetter, NormalizedBatch, Reason, Record, RecordBatch
from events import Event, event_id, now_ms, timestamp_ms
from store.event_store import EventStore, RejectedEvent
from store.records import RecordsDatabase

Matches = TypeVar("Matches")


class DeliverySettings(BaseModel):
    """How delivery groups and waits; sizes in records and estimated bytes of memory, times in seconds.

    A group is what waits when the one before is done, so groups are small while delivery keeps up and grow with the
    load, to where a commit costs a store little beside what it commits.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    group_records: int = Field(default=40_000, ge=1, le=100_000)
    group_bytes: int = Field(default=256 << 20, ge=1 << 16)
    queue_records: int = Field(default=40_000, ge=1)
    queue_bytes: int = Field(default=256 << 20, ge=1 << 16)
    linger_seconds: float = Field(default=0.5, ge=0)
    retry_first_seconds: float = Field(default=0.2, gt=0)
    retry_longest_seconds: float = Field(default=30, gt=0)


def _unchanged(letter: StoredDeadLetter) -> StoredDeadLetter:
    return letter


def _as_kept(letter: StoredDeadLetter) -> bytes:
    return letter.letter.raw


class Normalize(Protocol):
    """Records to events (``collectors.normalizers.chain.normalize``)."""

    def __call__(self, batch: RecordBatch, context: SourceContext, format: str | None = None, /) -> NormalizedBatch:  # noqa: A002 (the command line's own word)
        """Events in the order of the records; the batch's own dead letters are passed on."""


@dataclass(frozen=True, slots=True)
class Stages(Generic[Matches]):
    """What the pipeline is made of.

    Attributes:
        normalize: records to events.
        enrich: joins events, in place, with what is registered; leaves nothing raw in them that may not be stored.
        protect: a dead letter as it may be stored.
        unseal: the bytes of the record of a protected letter.
        told: hears of each group that is on disk and accounted for.
        store: where the events go.
        match: events to whatever ``record_alerts`` takes; called only with events that the store holds.
        record_alerts: writes the alerts of the matches within the transaction given. An event may come again (a file
            that was copied, a container that grew): alerts are counted by event id.
    """

    normalize: Normalize
    store: EventStore
    match: Callable[[Sequence[Event]], Matches]
    record_alerts: Callable[[Session, Matches], None]
    enrich: Callable[[Sequence[Event]], object] = len
    protect: Callable[[StoredDeadLetter], StoredDeadLetter] = _unchanged
    unseal: Callable[[StoredDeadLetter], bytes] = _as_kept
    told: Callable[[Sequence[Delivered]], object] = len


@dataclass(slots=True)
class Delivered:
    """What became of a batch."""

    batch: RecordBatch
    events: list[Event]
    dead_letters: list[StoredDeadLetter] = field(default_factory=list)


class Pipeline(Generic[Matches]):
    """Delivers groups of batches; one group at a time, whoever calls."""

    def __init__(
        self, stages: Stages[Matches], records: RecordsDatabase, zones: Mapping[str, tzinfo | None] | None = None
    ) -> None:
        """Keep the stages; ``zones`` gives the zone of each source whose times are written without one."""
        self._stages = stages
        self._records = records
        self._zones = zones or {}
        self._lock = threading.Lock()

    def surround(self, change: Callable[[Stages[Matches]], Stages[Matches]]) -> None:
        """Exchange the stages for others made of them, before anything is delivered."""
        self._stages = change(self._stages)

    def deliver(self, batches: Sequence[RecordBatch]) -> list[Delivered]:
        """Take the batches to disk; on return everything in them is stored and accounted for.

        Raises:
            Exception: whatever the stores raised; nothing is acknowledged and the same call may be made again.
        """
        with self._lock:
            delivered = [self._normalize(batch) for batch in batches]
            self._store(delivered)
            matches = self._stages.match([event for part in delivered for event in part.events])
            self._account(delivered, matches)
            self._stages.told(delivered)
            return delivered

    def unseal(self, letter: StoredDeadLetter) -> bytes:
        """The bytes of a dead letter's record, for another try."""
        return self._stages.unseal(letter)

    @contextmanager
    def between_batches(self) -> Iterator[None]:
        """Hold deliveries back for the length of a block: what changes in it, no batch sees half of."""
        with self._lock:
            yield

    def _normalize(self, batch: RecordBatch) -> Delivered:
        context = SourceContext(batch.source, batch.identity, self._zones.get(batch.source), batch.reference_ms)
        normalized = self._stages.normalize(batch, context, batch.format)
        peers = {record.position: record.peer for record in batch.records if record.peer}
        if peers:
            _stamp_peers(batch, normalized.events)
        if batch.shift_ms:
            shift_times(normalized.events, batch.shift_ms)
        self._stages.enrich(normalized.events)
        now = now_ms()
        letters = [new_letter(batch, letter, peers.get(letter.position), now) for letter in normalized.dead_letters]
        return Delivered(batch, normalized.events, letters)

    def _store(self, delivered: list[Delivered]) -> None:
        """Write the events, each id once; what the store refuses becomes a dead letter."""
        seen: set[str] = set()
        for part in delivered:
            part.events = list(_unseen(part.events, seen))
        events = [event for part in delivered for event in part.events]
        if not events:
            return
        rejected = self._stages.store.write(events).rejected
        if rejected:
            refused = {str(events[item.index]["event.id"]): item for item in rejected}
            for part in delivered:
                _set_aside(part, refused)

    def _account(self, delivered: list[Delivered], matches: Matches) -> None:
        now = now_ms()
        with self._records.begin() as session:
            self._stages.record_alerts(session, matches)
            fresh = [part for part in delivered if self._account_part(session, part, now)]
            for source in sorted({part.batch.source for part in fresh}):
                mine = [part for part in fresh if part.batch.source == source]
                newest = max((str(event["@timestamp"]) for part in mine for event in part.events), default=None)
                repository.note_delivery(
                    session,
                    source,
                    sum(len(part.events) for part in mine),
                    sum(len(part.dead_letters) for part in mine),
                    (now, timestamp_ms(newest) if newest else None),
                )

    def _account_part(self, session: Session, part: Delivered, now: int) -> bool:
        """Keep a batch's dead letters and how far its source is; returns whether that was not done before."""
        repository.add_dead_letters(session, [*map(self._stages.protect, part.dead_letters)])
        checkpoint = part.batch.checkpoint
        return checkpoint is None or repository.save_checkpoint(session, checkpoint, now)


def _stamp_peers(batch: RecordBatch, events: list[Event]) -> None:
    """Name the sender as ``log.source.address``, apart from the addresses that the record itself speaks of."""
    peers = {event_id(batch.identity, record.position, record.raw): record.peer for record in batch.records}
    for event in events:
        peer = peers.get(str(event["event.id"]))
        if peer is not None:
            event["log.source.address"] = peer


def _unseen(events: Iterable[Event], seen: set[str]) -> Iterable[Event]:
    for event in events:
        id_ = str(event["event.id"])
        if id_ not in seen:
            seen.add(id_)
            yield event


def _set_aside(part: Delivered, refused: Mapping[str, RejectedEvent]) -> None:
    """Turn the refused events of a part into dead letters of the records that they were made of."""
    if not any(str(event["event.id"]) in refused for event in part.events):
        return
    part.events = [event for event in part.events if str(event["event.id"]) not in refused]
    now = now_ms()
    for record in part.batch.records:
        item = refused.get(event_id(part.batch.identity, record.position, record.raw))
        if item is not None:
            part.dead_letters.append(new_letter(part.batch, _refusal(record, item.detail), record.peer, now))


def _refusal(record: Record, detail: str) -> DeadLetter:
    raw = record.raw[:DEAD_LETTER_BYTES]
    return DeadLetter(record.position, Reason.REJECTED, detail, raw, len(record.raw), record.decoder)
