"""The register of resources: the data catalog."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from audit.authorship import ChangedBy
from registry.entries import FieldEntry, ResourceEntry
from registry.errors import ContradictionError
from registry.models import ResourceField, ResourceParent, ResourceRecord, SystemRecord
from registry.registers.register import Register, require_unit
from registry.repository.scoping import within
from registry.vocabulary import EntryKind, Opening, ResourceKind, Sharing

_TAKEN_OVER = (
    *("name", "provider_id", "system_id", "database", "table", "method", "path", "dedicated", "grade"),
    *("owner", "description"),
)
_MAXIMUM_LINEAGE = 10_000


def _entries(session: Session, rows: Sequence[ResourceRecord]) -> list[ResourceEntry]:
    ids = [row.id for row in rows]
    fields: dict[str, list[FieldEntry]] = {}
    wanted = select(ResourceField).where(ResourceField.resource_id.in_(ids))
    for each in session.scalars(wanted.order_by(ResourceField.resource_id, ResourceField.position)):
        entry = FieldEntry(name=each.name, label=each.label, grade=each.grade, categories=each.categories)
        fields.setdefault(each.resource_id, []).append(entry)
    parents: dict[str, list[str]] = {}
    lineage = select(ResourceParent).where(ResourceParent.resource_id.in_(ids)).order_by(ResourceParent.parent_id)
    for link in session.scalars(lineage):
        parents.setdefault(link.resource_id, []).append(link.parent_id)
    return [
        ResourceEntry(
            id=row.id,
            kind=ResourceKind(row.kind),
            schema_name=row.schema,
            sharing=Sharing(row.sharing),
            opening=Opening(row.opening),
            updated=row.updated_ms,
            parents=parents.get(row.id, []),
            fields=fields.get(row.id, []),
            **{name: getattr(row, name) for name in _TAKEN_OVER},
        )
        for row in rows
    ]


def _completed(entry: ResourceEntry, before: ResourceEntry | None) -> ResourceEntry:
    """What people decided (grades, categories) stays unless the entry says otherwise; fields too when it has none."""
    known = {each.name: each for each in (before.fields or ())} if before else {}
    fields = entry.fields if entry.fields is not None else list(known.values())
    kept = [
        each.model_copy(
            update={
                "grade": each.grade or (known[each.name].grade if each.name in known else None),
                "categories": each.categories or (known[each.name].categories if each.name in known else []),
            }
        )
        for each in fields
    ]
    update = {
        "fields": kept,
        "parents": sorted(entry.parents),
        "grade": entry.grade or (before.grade if before else None),
    }
    return entry.model_copy(update=update)


def _check(session: Session, entry: ResourceEntry, _before: ResourceEntry | None) -> None:
    require_unit(session, "provider_id", entry.provider_id)
    for unit_id in entry.dedicated:
        require_unit(session, "dedicated", unit_id)
    if entry.system_id and session.get(SystemRecord, entry.system_id) is None:
        raise ContradictionError(
            "system_id", f"there is no system {entry.system_id}; register it first", "unknown_system"
        )
    if entry.locator:
        wanted = (ResourceRecord.locator == entry.locator) & (ResourceRecord.id != entry.id)
        other = session.scalar(select(ResourceRecord.id).where(wanted))
        if other:
            column = "path" if entry.kind is ResourceKind.API else "table"
            raise ContradictionError(column, f"resource {other} is the same; keep one of the two", "same_place")
    _check_lineage(session, entry)


def _check_lineage(session: Session, entry: ResourceEntry) -> None:
    for parent in entry.parents:
        if session.get(ResourceRecord, parent) is None:
            raise ContradictionError("parents", f"there is no resource {parent}; register it first", "unknown_resource")
    seen: set[str] = set()
    waiting = list(entry.parents)
    while waiting and len(seen) < _MAXIMUM_LINEAGE:
        known = set(waiting) - seen
        seen |= known
        wanted = select(ResourceParent.parent_id).where(ResourceParent.resource_id.in_(known))
        waiting = list(session.scalars(wanted))
    if entry.id in seen:
        raise ContradictionError("parents", "the resource would be derived from itself; break the circle", "circle")


def _write(session: Session, entry: ResourceEntry, by: ChangedBy) -> None:
    row = session.get(ResourceRecord, entry.id) or ResourceRecord(id=entry.id, categories=[])
    for name in _TAKEN_OVER:
        setattr(row, name, getattr(entry, name))
    row.kind, row.schema, row.locator = entry.kind.value, entry.schema_name, entry.locator
    row.sharing, row.opening = entry.sharing.value, entry.opening.value
    row.updated_ms, row.changed_ms = entry.updated, by.at_ms
    fields = entry.fields or []
    row.categories = sorted({category for each in fields for category in each.categories})
    session.add(row)
    session.flush()
    session.execute(delete(ResourceParent).where(ResourceParent.resource_id == entry.id))
    session.execute(delete(ResourceField).where(ResourceField.resource_id == entry.id))
    session.add_all(ResourceParent(resource_id=entry.id, parent_id=parent) for parent in entry.parents)
    session.add_all(
        ResourceField(resource_id=entry.id, position=place, **each.document()) for place, each in enumerate(fields)
    )


RESOURCES: Register[ResourceEntry, ResourceRecord] = Register(
    kind=EntryKind.RESOURCE,
    record=ResourceRecord,
    text=(ResourceRecord.id, ResourceRecord.name, ResourceRecord.table, ResourceRecord.path),
    visible=lambda scope: within(scope, ResourceRecord.provider_id),
    entries=_entries,
    completed=_completed,
    check=_check,
    write=_write,
    owners=lambda _session, entry: {entry.provider_id},
)
