"""Confirmed grades and categories into the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from audit.authorship import ChangedBy
from registry.entries import FieldEntry
from registry.errors import EntryNotFoundError
from registry.journal import EntryChange, journal
from registry.registers.resources import RESOURCES
from registry.vocabulary import EntryKind


@dataclass(frozen=True, slots=True)
class FieldGrade:
    """What was confirmed of a field; None and empty take back what stood there."""

    grade: str | None
    categories: tuple[str, ...] = ()


def set_grades(
    session: Session, resource_id: str, grade: str | None, fields: Mapping[str, FieldGrade], by: ChangedBy
) -> None:
    """Set a resource's grade and those of some of its fields; a field that the catalog lacks is added.

    Raises:
        EntryNotFoundError: there is no such resource.
    """
    before = RESOURCES.find(session, resource_id)
    if before is None:
        raise EntryNotFoundError(f"there is no resource {resource_id}; register it first")
    listed = {each.name: each for each in before.fields or ()}
    for name, given in fields.items():
        known = listed.get(name) or FieldEntry(name=name)
        listed[name] = known.model_copy(update={"grade": given.grade, "categories": list(given.categories)})
    after = before.model_copy(update={"grade": grade, "fields": list(listed.values())})
    if after == before:
        return
    RESOURCES.write(session, after, by)
    change = EntryChange(EntryKind.RESOURCE, resource_id, "grade", before.document(), after.document())
    journal(session, change, by)
