"""Giving dead letters another try, with the code and the settings of today."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from collectors.delivery import repository
from collectors.delivery.letters import StoredDeadLetter
from collectors.delivery.models import LetterState
from collectors.delivery.pipeline import Delivered
from collectors.record import Reason, Record, RecordBatch
from events import now_ms
from store.records import RecordsDatabase

Deliver = Callable[[Sequence[RecordBatch]], list[Delivered]]
Redecode = Callable[[StoredDeadLetter], Record]


@dataclass(frozen=True, slots=True)
class ReplayOutcome:
    """What a replay made of one dead letter: the event's id, or the reason why it is still none."""

    id: str
    event_id: str | None
    reason: Reason | None = None
    detail: str = ""


def replay_dead_letters(
    records: RecordsDatabase,
    deliver: Deliver,
    redecode: Redecode,
    ids: Sequence[str],
    format: str | None = None,  # noqa: A002 (the command line's own word)
) -> list[ReplayOutcome]:
    """Decode and normalize dead letters anew and deliver them as the records they are.

    Source, identity and position stay, so the event gets the id it would have had at first, and a second replay or a
    crash between delivery and marking changes nothing.

    Args:
        records: where the dead letters are.
        deliver: ``Pipeline.deliver`` of the process that writes the event store.
        redecode: a record of the kept bytes.
        ids: which dead letters; unknown ones and those already dealt with are passed over.
        format: the normalizer to use; None is the source's own setting.
    """
    with records.read() as session:
        letters = [item for item in repository.get_dead_letters(session, ids) if item.state is LetterState.NEW]
    outcomes = [_cut(stored) for stored in letters if not stored.is_whole]
    outcomes += [_replay(deliver, redecode(stored), stored, format) for stored in letters if stored.is_whole]
    became = [outcome.id for outcome in outcomes if outcome.event_id]
    with records.begin() as session:
        repository.mark_replayed(session, became, now_ms())
    return outcomes


def _replay(deliver: Deliver, record: Record, stored: StoredDeadLetter, chosen: str | None) -> ReplayOutcome:
    batch = RecordBatch(
        stored.source,
        stored.identity,
        [replace(record, peer=stored.peer)],
        [],
        format=chosen or stored.format,
        reference_ms=stored.reference_ms,
        shift_ms=stored.shift_ms,
    )
    [delivered] = deliver([batch])
    if delivered.events:
        return ReplayOutcome(stored.id, str(delivered.events[0]["event.id"]))
    letter = delivered.dead_letters[0].letter
    return ReplayOutcome(stored.id, None, letter.reason, letter.detail)


def _cut(stored: StoredDeadLetter) -> ReplayOutcome:
    detail = "only the beginning of the record was kept; read it again from its source"
    return ReplayOutcome(stored.id, None, stored.letter.reason, detail)
