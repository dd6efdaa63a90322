"""What people do with dead letters: read, replay or discard them, each recorded."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from api.access import signed_in
from api.caller import Caller
from api.dependencies import ApiDependencies
from api.problems import ProblemError, not_found
from audit import AuditEntry, record
from collectors.delivery import StoredDeadLetter
from collectors.delivery.repository import discard_dead_letters, get_dead_letters, request_replay
from collectors.normalizers.catalog import format_names
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


def ask_for_replay(dependencies: ApiDependencies, ids: Sequence[str], log_format: str | None, caller: Caller) -> int:
    """Ask for another try, by another format where one is given; returns how many were still new.

    The process that writes the event store does it at its next round.

    Raises:
        ProblemError: there is no such format.
    """
    if log_format is not None and log_format not in format_names():
        known = ", ".join(sorted(format_names()))
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "unknown_format", f"No such format; known are {known}")
    with dependencies.records.begin() as session:
        requested = request_replay(session, ids, log_format, now_ms())
        after: dict[str, object] = {"ids": list(ids), "format": log_format, "requested": requested}
        record(session, _entry(caller, "dead-letter:replay", after))
    return requested


def discard(dependencies: ApiDependencies, ids: Sequence[str], caller: Caller) -> int:
    """Set dead letters aside; returns how many were still new."""
    with dependencies.records.begin() as session:
        discarded = discard_dead_letters(session, ids, now_ms())
        record(session, _entry(caller, "dead-letter:discard", {"ids": list(ids), "discarded": discarded}))
    return discarded


def _entry(caller: Caller, action: str, after: dict[str, object]) -> AuditEntry:
    return AuditEntry(
        signed_in(caller).actor,
        action,
        "dead-letter",
        after=after,
        request_id=caller.origin.request_id,
        source_address=caller.origin.source_address,
    )
