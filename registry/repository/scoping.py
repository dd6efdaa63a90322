"""The condition that keeps every query within its caller's units."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from registry.models import UnitRecord
from registry.scope import UnitScope


def within(
    scope: UnitScope, *units: InstrumentedAttribute[str] | InstrumentedAttribute[str | None]
) -> ColumnElement[bool]:
    """Whether one of these columns names a unit of the scope; nothing is within an empty scope, null within none."""
    if scope.roots is None:
        return true()
    if not scope.roots:
        return false()
    root = aliased(UnitRecord)
    seen = select(UnitRecord.id).where(
        select(root.id)
        .where(root.id.in_(sorted(scope.roots)), func.substr(UnitRecord.path, 1, func.length(root.path)) == root.path)
        .exists()
    )
    return or_(*(column.in_(seen) for column in units))


def sees_unit(session: Session, scope: UnitScope, unit_id: str) -> bool:
    """Whether a unit is within a scope."""
    if scope.roots is not None and unit_id in scope.roots:
        return True
    return (
        session.scalar(select(UnitRecord.id).where(and_(UnitRecord.id == unit_id, within(scope, UnitRecord.id))))
        is not None
    )
