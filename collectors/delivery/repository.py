"""All queries on delivery's tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from collectors.delivery.letters import DeadLetterCount, DeadLetterFilter, StoredDeadLetter, from_row, to_row
from collectors.delivery.models import CheckpointRow, DeadLetterRow, LetterState, SourceStatusRow
from collectors.record import Checkpoint, Reason

_OPEN = (LetterState.NEW, LetterState.REQUESTED)
_ID_CHUNK = 500  # ids in one statement; engines limit the number of parameters


def load_checkpoints(session: Session, source: str) -> list[Checkpoint]:
    """All checkpoints of a source, by identity."""
    rows = session.scalars(select(CheckpointRow).where(CheckpointRow.source == source).order_by(CheckpointRow.identity))
    return [Checkpoint(row.source, row.identity, row.position, dict(row.state)) for row in rows]


def save_checkpoint(session: Session, checkpoint: Checkpoint, now: int) -> bool:
    """Set how far an identity of a source has been delivered; False where a broker gave again what was."""
    if checkpoint.sent_ms is not None:
        known = session.get(CheckpointRow, (checkpoint.source, checkpoint.identity), with_for_update=True)
        # What was sent since belongs to a topic made anew, which begins at its first position again.
        if known is not None and checkpoint.position <= known.position and checkpoint.sent_ms <= known.updated_ms:
            return False
    session.merge(
        CheckpointRow(
            source=checkpoint.source,
            identity=checkpoint.identity,
            position=checkpoint.position,
            state=dict(checkpoint.state),
            updated_ms=now,
        )
    )
    return True


def add_dead_letters(session: Session, letters: Sequence[StoredDeadLetter]) -> int:
    """Store dead letters; returns how many were not known.

    One that is known (a replay) takes the new reason, unless it has been dealt with meanwhile.
    """
    by_id = {letter.id: letter for letter in letters}
    known: set[str] = set()
    for row in _rows(session, list(by_id)):
        known.add(row.id)
        if row.state in _OPEN:
            letter = by_id[row.id].letter
            row.reason, row.detail, row.decoder = letter.reason.value, letter.detail, letter.decoder
            row.changed_ms = by_id[row.id].received_ms
    session.add_all(to_row(letter) for id_, letter in by_id.items() if id_ not in known)
    return len(by_id) - len(known)


def get_dead_letters(session: Session, ids: Sequence[str]) -> list[StoredDeadLetter]:
    """The dead letters with these ids, in the order asked for; unknown ids are left out."""
    found = {row.id: from_row(row) for row in _rows(session, ids)}
    return [found[id_] for id_ in ids if id_ in found]


def find_dead_letters(
    session: Session, wanted: DeadLetterFilter, *, after: str | None = None, limit: int = 100
) -> list[StoredDeadLetter]:
    """Dead letters, the last received first; ``after`` is the id of the last one of the page before."""
    query = select(DeadLetterRow).order_by(DeadLetterRow.received_ms.desc(), DeadLetterRow.id.desc()).limit(limit)
    for column, value in (
        (DeadLetterRow.source, wanted.source),
        (DeadLetterRow.reason, wanted.reason),
        (DeadLetterRow.state, wanted.state),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.start_ms is not None:
        query = query.where(DeadLetterRow.received_ms >= wanted.start_ms)
    if wanted.end_ms is not None:
        query = query.where(DeadLetterRow.received_ms < wanted.end_ms)
    last = session.get(DeadLetterRow, after) if after else None
    if last is not None:
        received = DeadLetterRow.received_ms
        query = query.where(
            or_(received < last.received_ms, (received == last.received_ms) & (DeadLetterRow.id < last.id))
        )
    return [from_row(row) for row in session.scalars(query)]


def count_dead_letters(session: Session) -> list[DeadLetterCount]:
    """How many dead letters there are by source, reason and state."""
    columns = (DeadLetterRow.source, DeadLetterRow.reason, DeadLetterRow.state)
    rows = session.execute(select(*columns, func.count()).group_by(*columns).order_by(*columns))
    return [DeadLetterCount(source, reason, LetterState(state), count) for source, reason, state, count in rows]


def request_replay(session: Session, ids: Sequence[str], log_format: str | None, now: int) -> int:
    """Ask for another try of dead letters, by another format where one is given; returns how many were new."""
    requested = 0
    for row in _rows(session, ids):
        if row.state == LetterState.NEW:
            row.state, row.format, row.changed_ms = LetterState.REQUESTED, log_format or row.format, now
            requested += 1
    return requested


def note_replay(session: Session, letter_id: str, problem: tuple[Reason, str] | None, now: int) -> None:
    """Note that a dead letter became the event of its id, or why it still did not."""
    for row in _rows(session, [letter_id]):
        row.changed_ms = now
        if problem is None:
            row.state, row.event_id = LetterState.REPLAYED, row.id
        else:
            row.state, row.reason, row.detail = LetterState.NEW, problem[0].value, problem[1]


def discard_dead_letters(session: Session, ids: Sequence[str], now: int) -> int:
    """Set dead letters aside as not needed; returns how many were still open. They stay readable."""
    discarded = 0
    for row in _rows(session, ids):
        if row.state in _OPEN:
            row.state, row.changed_ms = LetterState.DISCARDED, now
            discarded += 1
    return discarded


def note_delivery(
    session: Session, source: str, events: int, dead_letters: int, moments: tuple[int, int | None]
) -> None:
    """Add a delivery to a source's totals; ``moments`` are now and the newest event's own time (ms)."""
    now, newest = moments
    row = _status(session, source)
    row.events += events
    row.dead_letters += dead_letters
    row.last_delivered_ms = now
    if newest is not None:
        row.last_event_ms = max(newest, row.last_event_ms or newest)
        row.lag_ms = max(0, now - newest)


def note_dropped(session: Session, source: str, dropped: int) -> None:
    """Add messages that a source had to drop."""
    _status(session, source).dropped += dropped


def note_error(session: Session, source: str, error: str, now: int) -> None:
    """Keep a source's last error; ``error`` holds no value of a record."""
    row = _status(session, source)
    row.last_error, row.last_error_ms = error, now


def source_statuses(session: Session) -> list[SourceStatusRow]:
    """How every source fares, by name."""
    return list(session.scalars(select(SourceStatusRow).order_by(SourceStatusRow.source)))


def _status(session: Session, source: str) -> SourceStatusRow:
    """A source's row, which no other process adds to meanwhile."""
    row = session.get(SourceStatusRow, source, with_for_update=True)
    if row is None:
        row = SourceStatusRow(source=source, events=0, dead_letters=0, dropped=0)
        session.add(row)
    return row


def _rows(session: Session, ids: Sequence[str]) -> Iterator[DeadLetterRow]:
    for start in range(0, len(ids), _ID_CHUNK):
        yield from session.scalars(select(DeadLetterRow).where(DeadLetterRow.id.in_(ids[start : start + _ID_CHUNK])))
