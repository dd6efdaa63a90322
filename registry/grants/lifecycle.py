"""Steps in the life of a grant; nobody takes a step with a grant that they requested themselves."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from sqlalchemy.orm import Session

from registry.entries import GrantEntry, RegisteredGrant
from registry.errors import ContradictionError, EntryExistsError, GrantTransitionError
from registry.grants.register import GRANTS, check_terms, write_terms
from registry.grants.repository import append_step
from registry.journal import EntryChange, journal
from registry.models import ConsumerRecord, GrantRecord
from registry.policy import sharing_policy
from registry.registers.register import Editor, not_found
from registry.repository.scoping import sees_unit
from registry.vocabulary import EntryKind, GrantState


class GrantStep(StrEnum):
    """What people do with a grant that was requested."""

    APPROVE = "approve"
    SUSPEND = "suspend"
    RESUME = "resume"
    REVOKE = "revoke"


_STEPS: dict[GrantStep, tuple[frozenset[GrantState], GrantState]] = {
    GrantStep.APPROVE: (frozenset({GrantState.REQUESTED}), GrantState.APPROVED),
    GrantStep.SUSPEND: (frozenset({GrantState.APPROVED}), GrantState.SUSPENDED),
    GrantStep.RESUME: (frozenset({GrantState.SUSPENDED}), GrantState.APPROVED),
    GrantStep.REVOKE: (
        frozenset({GrantState.REQUESTED, GrantState.APPROVED, GrantState.SUSPENDED}),
        GrantState.REVOKED,
    ),
}
_REASON_NEEDED = frozenset({GrantStep.SUSPEND, GrantStep.REVOKE})


def steps_from(state: GrantState) -> tuple[GrantStep, ...]:
    """The steps that a grant's state allows."""
    return tuple(step for step, (allowed, _) in _STEPS.items() if state in allowed)


def needs_reason(step: GrantStep) -> bool:
    """Whether a step is only taken with a reason."""
    return step in _REASON_NEEDED


def request_grant(session: Session, entry: GrantEntry, editor: Editor) -> RegisteredGrant:
    """Ask for a grant; it covers nothing before another approves it.

    Raises:
        EntryExistsError: there is a grant of this id.
        ContradictionError: it contradicts the catalog, or neither its consumer nor its provider is in the scope.
    """
    if session.get(GrantRecord, entry.id) is not None:
        raise EntryExistsError(f"grant {entry.id} exists already; choose another id")
    check_terms(session, entry)
    _check_party(session, entry, editor)
    by = editor.by
    row = GrantRecord(id=entry.id, requested_by=by.responsible_id, state=GrantState.REQUESTED.value)
    row.state_since_ms = by.at_ms
    write_terms(row, entry, by.at_ms)
    session.add(row)
    session.flush()
    append_step(session, row, None, by, None)
    return _written(session, EntryChange(EntryKind.GRANT, row.id, "request", None, None), editor)


def change_terms(session: Session, entry: GrantEntry, editor: Editor) -> RegisteredGrant:
    """Change what is asked for, as long as nobody has approved it.

    Raises:
        EntryNotFoundError: there is no such grant in the scope.
        GrantTransitionError: it is past being requested.
        ContradictionError: it contradicts the catalog, or is for another unit's consumer.
    """
    row = _locked(session, entry.id, editor)
    if row.state != GrantState.REQUESTED:
        raise GrantTransitionError(
            f"grant {row.id} is {row.state}; its terms stand. Revoke it and request another with the new terms"
        )
    check_terms(session, entry)
    _check_party(session, entry, editor)
    before = _document(session, row)
    write_terms(row, entry, editor.by.at_ms)
    session.flush()
    return _written(session, EntryChange(EntryKind.GRANT, row.id, "change", before, None), editor)


def move_grant(
    session: Session, grant_id: str, step: GrantStep, editor: Editor, reason: str | None = None
) -> RegisteredGrant:
    """Take a step with a grant; flows meet it from the next refresh of the index on.

    Raises:
        EntryNotFoundError: there is no such grant in the scope.
        GrantTransitionError: its state does not allow the step, its provider is not in the scope, the caller requested
            it, its time is over, or a reason is missing or too long.
    """
    row = _locked(session, grant_id, editor)
    _check_step(session, row, step, editor)
    _check_reason(step, reason)
    before, state = _document(session, row), row.state
    row.state, row.state_since_ms = _STEPS[step][1].value, editor.by.at_ms
    row.changed_ms = editor.by.at_ms
    if step is GrantStep.APPROVE:
        row.approved_by, row.approved_ms = editor.by.responsible_id, editor.by.at_ms
    session.flush()
    append_step(session, row, state, editor.by, reason)
    return _written(session, EntryChange(EntryKind.GRANT, row.id, step.value, before, None, reason), editor)


def _check_party(session: Session, entry: GrantEntry, editor: Editor) -> None:
    consumer = session.get_one(ConsumerRecord, entry.consumer_id)
    if not any(sees_unit(session, editor.scope, unit) for unit in (consumer.unit_id, entry.provider_id)):
        raise ContradictionError(
            "consumer_id", "neither consumer nor provider is a unit of yours; name one that is", "not_yours"
        )


def _locked(session: Session, grant_id: str, editor: Editor) -> GrantRecord:
    row = session.get(GrantRecord, grant_id, with_for_update=True)
    if row is None:
        raise not_found(EntryKind.GRANT, grant_id)
    units = GRANTS.owners(session, GRANTS.entries(session, [row])[0])
    if not any(sees_unit(session, editor.scope, unit) for unit in units):
        raise not_found(EntryKind.GRANT, grant_id)
    return row


def _check_step(session: Session, row: GrantRecord, step: GrantStep, editor: Editor) -> None:
    allowed, _ = _STEPS[step]
    if row.state not in allowed:
        raise GrantTransitionError(f"grant {row.id} is {row.state}; to {step} it, it must be {' or '.join(allowed)}")
    if not sees_unit(session, editor.scope, row.provider_id):
        raise GrantTransitionError(f"grant {row.id} is for its provider to {step}; ask {row.provider_id}")
    if row.requested_by == editor.by.responsible_id:
        raise GrantTransitionError(f"nobody may {step} a grant that they requested themselves; ask a colleague")
    over = row.valid_to_ms <= editor.by.at_ms
    if over and step in {GrantStep.APPROVE, GrantStep.RESUME}:
        raise GrantTransitionError(f"the time of grant {row.id} is over; request another")


def _check_reason(step: GrantStep, reason: str | None) -> None:
    longest = sharing_policy().grants.reason_maximum_length
    if needs_reason(step) and not (reason or "").strip():
        raise GrantTransitionError(f"to {step} a grant needs a reason; say why")
    if len(reason or "") > longest:
        raise GrantTransitionError(f"the reason is longer than {longest} characters; shorten it")


def _document(session: Session, row: GrantRecord) -> dict[str, object]:
    return GRANTS.entries(session, [row])[0].document()


def _written(session: Session, change: EntryChange, editor: Editor) -> RegisteredGrant:
    """Write a change down, completed with the state after it."""
    after = GRANTS.entries(session, [session.get_one(GrantRecord, change.object_id)])[0]
    journal(session, replace(change, after=after.document()), editor.by)
    return after
