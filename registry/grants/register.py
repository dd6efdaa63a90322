"""The register of grants: as files and lists have them, with their state."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from audit.authorship import ChangedBy
from registry.entries import GrantEntry, RegisteredGrant
from registry.errors import ContradictionError
from registry.grants.repository import append_step
from registry.models import ConsumerRecord, GrantRecord, ResourceField, ResourceRecord
from registry.registers.register import Register
from registry.repository.scoping import within
from registry.scope import UnitScope
from registry.vocabulary import EntryKind, GrantState

_TERMS = ("consumer_id", "provider_id", "resource_id", "fields", "purpose", "records_per_day", "subjects_per_day")
_ALSO = ("masked", "zones")
_REGISTERED = "registered_from_file"


def write_terms(row: GrantRecord, entry: GrantEntry, at_ms: int) -> None:
    """Take the terms of an entry over."""
    for name in (*_TERMS, *_ALSO):
        setattr(row, name, getattr(entry, name))
    row.valid_from_ms, row.valid_to_ms, row.changed_ms = entry.valid_from, entry.valid_to, at_ms


def check_terms(session: Session, entry: GrantEntry) -> None:
    """Hold the terms against the catalog and the consumers.

    Raises:
        ContradictionError: the consumer, the resource or a field is unknown, or the provider is another.
    """
    if session.get(ConsumerRecord, entry.consumer_id) is None:
        raise ContradictionError(
            "consumer_id", f"there is no consumer {entry.consumer_id}; register it first", "unknown_consumer"
        )
    resource = session.get(ResourceRecord, entry.resource_id)
    if resource is None:
        raise ContradictionError(
            "resource_id", f"there is no resource {entry.resource_id}; register it first", "unknown_resource"
        )
    if resource.provider_id != entry.provider_id:
        raise ContradictionError(
            "provider_id",
            f"{entry.resource_id} is provided by {resource.provider_id}; name that unit",
            "other_provider",
        )
    wanted = select(ResourceField.name).where(ResourceField.resource_id == entry.resource_id)
    known = {name.casefold() for name in session.scalars(wanted)}
    unknown = [name for name in entry.fields if name != "*" and name.casefold() not in known]
    if known and unknown:
        raise ContradictionError(
            "fields", f"the resource has no field {', '.join(unknown)}; correct the names", "unknown_field"
        )


def _entries(_session: Session, rows: Sequence[GrantRecord]) -> list[RegisteredGrant]:
    return [
        RegisteredGrant.model_construct(
            id=row.id,
            valid_from=row.valid_from_ms,
            valid_to=row.valid_to_ms,
            state=GrantState(row.state),
            requested_by=row.requested_by,
            approved_by=row.approved_by or "",
            approved=row.approved_ms,
            **{name: getattr(row, name) for name in (*_TERMS, *_ALSO)},
        )
        for row in rows
    ]


def _completed(entry: RegisteredGrant, before: RegisteredGrant | None) -> RegisteredGrant:
    """When it was approved, where the file does not say: as it was, else with the beginning of its validity."""
    if entry.state is GrantState.REQUESTED or entry.approved is not None:
        return entry
    known = before.approved if before else None
    return entry.model_copy(update={"approved": known if known is not None else entry.valid_from})


def _check(session: Session, entry: RegisteredGrant, before: RegisteredGrant | None) -> None:
    check_terms(session, entry)
    ended = before is not None and before.state in {GrantState.REVOKED, GrantState.EXPIRED}
    if ended and before is not None and entry.state is not before.state:
        raise ContradictionError(
            "state", f"the grant is {before.state} for good; register a new one under another id", "grant_ended"
        )


def _write(session: Session, entry: RegisteredGrant, by: ChangedBy) -> None:
    row = session.get(GrantRecord, entry.id)
    before = row.state if row else None
    row = row or GrantRecord(id=entry.id)
    write_terms(row, entry, by.at_ms)
    row.requested_by, row.approved_by, row.approved_ms = entry.requested_by, entry.approved_by or None, entry.approved
    if before != entry.state.value:
        is_new = before is None and entry.state is GrantState.APPROVED
        row.state = entry.state.value
        row.state_since_ms = entry.approved if is_new and entry.approved is not None else by.at_ms
    session.add(row)
    session.flush()
    append_step(session, row, before, by, _REGISTERED)


def _visible(scope: UnitScope) -> ColumnElement[bool]:
    of_consumers = select(ConsumerRecord.id).where(within(scope, ConsumerRecord.unit_id))
    return or_(within(scope, GrantRecord.provider_id), GrantRecord.consumer_id.in_(of_consumers))


def _owners(session: Session, entry: RegisteredGrant) -> set[str]:
    consumer = session.get(ConsumerRecord, entry.consumer_id)
    return {entry.provider_id} | ({consumer.unit_id} if consumer else set())


GRANTS: Register[RegisteredGrant, GrantRecord] = Register(
    kind=EntryKind.GRANT,
    record=GrantRecord,
    text=(GrantRecord.id, GrantRecord.purpose, GrantRecord.resource_id, GrantRecord.consumer_id),
    visible=_visible,
    entries=_entries,
    completed=_completed,
    check=_check,
    write=_write,
    owners=_owners,
)
