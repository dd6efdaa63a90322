"""What people do with dead letters: read, replay or discard them, each recorded."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from api.access import signed_in
from api.caller import Caller
from api.dependencies import ApiDependencies
from api.problems import ProblemError, not_found
from audit import AuditEntry, record
from collectors.delivery import ReplayOutcome, StoredDeadLetter
from collectors.delivery.repository import discard_dead_letters, get_dead_letters
from events import now_ms


def read(dependencies: ApiDependencies, letter_id: str, caller: Caller) -> StoredDeadLetter:
    """One dead letter with its bytes; raw data is looked at, so the trail says who did.

    Raises:
        ProblemError: there is none of this id.
    """
    with dependencies.records.begin() as session:
        found = get_dead_letters(session, [letter_id])
        if not found:
            raise not_found("dead_letter", "There is no dead letter of this id")
        record(session, _entry(caller, "dead-letter:read", {"id": letter_id}))
    return found[0]


def replay(dependencies: ApiDependencies, ids: Sequence[str], caller: Caller) -> Sequence[ReplayOutcome]:
    """Try dead letters again, and note who asked for it and what came of it.

    Raises:
        ProblemError: this process does not write the event store.
    """
    if dependencies.replay is None:
        raise ProblemError(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "replay_unavailable",
            "This process does not write the event store; replay where the collectors run",
        )
    _record(dependencies, caller, "dead-letter:replay", {"ids": list(ids)})
    outcomes = dependencies.replay(ids)
    replayed = sum(outcome.event_id is not None for outcome in outcomes)
    _record(dependencies, caller, "dead-letter:replayed", {"asked": len(ids), "replayed": replayed})
    return outcomes


def discard(dependencies: ApiDependencies, ids: Sequence[str], caller: Caller) -> int:
    """Set dead letters aside; returns how many were still new."""
    with dependencies.records.begin() as session:
        discarded = discard_dead_letters(session, ids, now_ms())
        record(session, _entry(caller, "dead-letter:discard", {"ids": list(ids), "discarded": discarded}))
    return discarded


def _record(dependencies: ApiDependencies, caller: Caller, action: str, after: dict[str, object]) -> None:
    with dependencies.records.begin() as session:
        record(session, _entry(caller, action, after))


def _entry(caller: Caller, action: str, after: dict[str, object]) -> AuditEntry:
    return AuditEntry(
        signed_in(caller).actor,
        action,
        "dead-letter",
        after=after,
        request_id=caller.origin.request_id,
        source_address=caller.origin.source_address,
    )
