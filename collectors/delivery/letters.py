"""Dead letters as the rest of the product sees them."""

from __future__ import annotations

from dataclasses import dataclass

from collectors.delivery.models import DeadLetterRow, LetterState
from collectors.record import DeadLetter, Reason, RecordBatch
from events import event_id


@dataclass(frozen=True, slots=True)
class StoredDeadLetter:
    """A dead letter with where it came from, when, and what has become of it.

    Attributes:
        id: the id that its event would have had (of the kept bytes, where the record was cut).
        peer: the sender's address, for what was received over a network.
        reference_ms, shift_ms: what the record's batch said about time; a replay needs them.
        event_id: the event that a replay made of it.
        sealed: the record's bytes, encrypted, where the letter itself shows them with values hidden.
    """

    id: str
    source: str
    identity: str
    letter: DeadLetter
    format: str | None
    peer: str | None
    reference_ms: int
    shift_ms: int
    received_ms: int
    state: LetterState
    event_id: str | None = None
    sealed: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether all bytes of the record were kept, so that it can be decoded again."""
        return self.sealed is not None or self.letter.length is None or self.letter.length <= len(self.letter.raw)


@dataclass(frozen=True, slots=True)
class DeadLetterFilter:
    """Which dead letters to list; None does not restrict. Times are received times, half-open, ms since 1970 UTC."""

    source: str | None = None
    reason: str | None = None
    state: LetterState | None = None
    start_ms: int | None = None
    end_ms: int | None = None


@dataclass(frozen=True, slots=True)
class DeadLetterCount:
    """How many dead letters a source has for a reason and in a state."""

    source: str
    reason: str
    state: LetterState
    count: int


def new_letter(batch: RecordBatch, letter: DeadLetter, peer: str | None, now: int) -> StoredDeadLetter:
    """A dead letter of a batch, as it will be stored."""
    return StoredDeadLetter(
        id=event_id(batch.identity, letter.position, letter.raw),
        source=batch.source,
        identity=batch.identity,
        letter=letter,
        format=batch.format,
        peer=peer,
        reference_ms=batch.reference_ms,
        shift_ms=batch.shift_ms,
        received_ms=now,
        state=LetterState.NEW,
    )


def to_row(stored: StoredDeadLetter) -> DeadLetterRow:
    """The row of a dead letter."""
    letter = stored.letter
    return DeadLetterRow(
        id=stored.id,
        source=stored.source,
        identity=stored.identity,
        position=letter.position,
        reason=letter.reason.value,
        detail=letter.detail,
        decoder=letter.decoder,
        format=stored.format,
        peer=stored.peer,
        raw=letter.raw,
        length=letter.length,
        reference_ms=stored.reference_ms,
        shift_ms=stored.shift_ms,
        received_ms=stored.received_ms,
        state=stored.state.value,
        changed_ms=stored.received_ms,
        event_id=stored.event_id,
        sealed=stored.sealed,
    )


def from_row(row: DeadLetterRow) -> StoredDeadLetter:
    """The dead letter in a row."""
    letter = DeadLetter(row.position, Reason(row.reason), row.detail, row.raw, row.length, row.decoder)
    return StoredDeadLetter(
        id=row.id,
        source=row.source,
        identity=row.identity,
        letter=letter,
        format=row.format,
        peer=row.peer,
        reference_ms=row.reference_ms,
        shift_ms=row.shift_ms,
        received_ms=row.received_ms,
        state=LetterState(row.state),
        event_id=row.event_id,
        sealed=row.sealed,
    )
