"""All queries of findings; whatever people ask for goes through the units that they may see."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from classification.review.models import ClassifiedResource, Finding


def note_resource(session: Session, seen: ClassifiedResource) -> None:
    """Write that a resource was looked at, and keep other scans of it waiting until the transaction ends."""
    session.merge(seen)
    session.flush()
    session.get_one(ClassifiedResource, seen.resource_id, with_for_update=True, populate_existing=True)


def findings_of_resource(session: Session, resource_id: str, *, lock: bool = False) -> list[Finding]:
    """The findings about one resource, by field; for the product itself, which sees all units."""
    statement = select(Finding).where(Finding.resource_id == resource_id).order_by(Finding.field, Finding.category)
    return list(session.scalars(statement.with_for_update() if lock else statement))
