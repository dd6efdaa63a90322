"""What a data catalog is searched by, within its reader's units."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import ColumnElement, String, cast, select
from sqlalchemy.orm import Session

from registry.models import ResourceRecord, UnitRecord
from registry.registers import RESOURCES
from registry.repository.scoping import within
from registry.scope import UnitScope


@dataclass(frozen=True, slots=True)
class CatalogFilter:
    """Which resources; what is empty asks for nothing.

    Attributes:
        unit_id: provided by this unit or one below it.
        grade: of this grade; None asks for nothing, an empty text for those that nobody has graded.
        category: holding this category.
    """

    unit_id: str = ""
    grade: str | None = None
    category: str = ""

    def conditions(self) -> tuple[ColumnElement[bool], ...]:
        """The filter as conditions on a resource's row."""
        found: list[ColumnElement[bool]] = []
        if self.unit_id:
            found.append(within(UnitScope.below([self.unit_id]), ResourceRecord.provider_id))
        if self.grade is not None:
            found.append(ResourceRecord.grade == self.grade if self.grade else ResourceRecord.grade.is_(None))
        if self.category:
            text = cast(ResourceRecord.categories, String)
            found.append(text.contains(json.dumps(self.category), autoescape=True))
        return tuple(found)


def providers(session: Session, scope: UnitScope) -> dict[str, str]:
    """The names of the units within a scope that provide something, by id."""
    provided = select(ResourceRecord.provider_id).where(RESOURCES.visible(scope))
    wanted = select(UnitRecord.id, UnitRecord.name).where(UnitRecord.id.in_(provided)).order_by(UnitRecord.path)
    return {row[0]: row[1] for row in session.execute(wanted)}


def grades_present(session: Session, scope: UnitScope) -> set[str | None]:
    """The grades of a scope's resources; None where one is not graded."""
    return set(session.scalars(select(ResourceRecord.grade).where(RESOURCES.visible(scope)).distinct()))
