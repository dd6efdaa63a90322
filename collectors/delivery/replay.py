"""Giving dead letters another try, with the code and the settings of today.

Anyone may ask (``repository.request_replay``); the process that writes the event store does it, at its next round.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from collectors.decoders.single_record import decode_record
from collectors.delivery import repository
from collectors.delivery.letters import DeadLetterFilter, StoredDeadLetter
from collectors.delivery.models import LetterState
from collectors.delivery.pipeline import Delivered
from collectors.record import DeadLetter, Reason, Record, RecordBatch
from events import now_ms
from store.records import RecordsDatabase

Deliver = Callable[[Sequence[RecordBatch]], list[Delivered]]
Unseal = Callable[[StoredDeadLetter], bytes]
_ROUND_LETTERS = 200


@dataclass(frozen=True, slots=True)
class ReplayOutcome:
    """What a replay made of one dead letter: an event, or the reason why it is still none."""

    id: str
    became_event: bool
    reason: Reason
    detail: str


def replay_requested(records: RecordsDatabase, deliver: Deliver, unseal: Unseal | None = None) -> list[ReplayOutcome]:
    """Decode and normalize the requested dead letters anew and deliver them as the records they are.

    Source, identity and position stay, so the event gets the id it would have had at first, and a second replay or a
    crash between delivery and marking changes nothing. At most 200 a call.

    Args:
        records: where the dead letters are.
        deliver: ``Pipeline.deliver`` of the process that writes the event store.
        unseal: the bytes of a letter's record; None where none is sealed.
    """
    with records.read() as session:
        wanted = DeadLetterFilter(state=LetterState.REQUESTED)
        letters = repository.find_dead_letters(session, wanted, limit=_ROUND_LETTERS)
    outcomes = [
        _replay(deliver, stored, unseal(stored) if unseal else stored.letter.raw) if stored.is_whole else _cut(stored)
        for stored in letters
    ]
    if outcomes:
        with records.begin() as session:
            for outcome in outcomes:
                repository.note_replay(session, outcome.id, _reason(outcome), now_ms())
    return outcomes


def _reason(outcome: ReplayOutcome) -> tuple[Reason, str] | None:
    return None if outcome.became_event else (outcome.reason, outcome.detail)


def _replay(deliver: Deliver, stored: StoredDeadLetter, raw: bytes) -> ReplayOutcome:
    decoded = decode_record(stored.letter.decoder, stored.letter.position, raw)
    batch = RecordBatch(
        stored.source,
        stored.identity,
        [replace(decoded, peer=stored.peer)] if isinstance(decoded, Record) else [],
        [decoded] if isinstance(decoded, DeadLetter) else [],
        format=stored.format,
        reference_ms=stored.reference_ms,
        shift_ms=stored.shift_ms,
    )
    [delivered] = deliver([batch])
    letter = delivered.dead_letters[0].letter if delivered.dead_letters else stored.letter
    return ReplayOutcome(stored.id, bool(delivered.events), letter.reason, letter.detail)


def _cut(stored: StoredDeadLetter) -> ReplayOutcome:
    detail = "only the beginning of the record was kept; read it again from its source"
    return ReplayOutcome(stored.id, became_event=False, reason=stored.letter.reason, detail=detail)
