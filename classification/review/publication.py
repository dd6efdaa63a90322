"""What people confirmed, written into the registry: fields, the table's grade, and what is derived from it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.authorship import ChangedBy
from classification.grading import (
    GradeDecision,
    Scheme,
    SeenCategory,
    TableFacts,
    default_scheme,
    grade_resource,
    grade_table,
)
from classification.review.models import ClassifiedResource, Finding
from classification.review.repository import findings_of_resource
from registry.models import ResourceField, ResourceParent, ResourceRecord
from registry.registers import FieldGrade, set_grades


@dataclass(frozen=True, slots=True)
class _Publication:
    """One change of a resource's grades in the registry, which reaches what is derived from it."""

    session: Session
    scheme: Scheme
    by: ChangedBy

    def publish(self, resource_id: str, seen: frozenset[str] = frozenset()) -> None:
        """Write a resource and, where its grade changed, what is derived from it."""
        registered = self.session.get(ResourceRecord, resource_id)
        if registered is None or resource_id in seen:
            return
        before = registered.grade
        grade = self._grade_to_write(registered)
        set_grades(self.session, resource_id, grade, self._fields(resource_id), self.by)
        self.session.flush()
        if grade != before:
            children = select(ResourceParent.resource_id).where(ResourceParent.parent_id == resource_id)
            for child in sorted(self.session.scalars(children)):
                self.publish(child, seen | {resource_id})

    def _grade_to_write(self, registered: ResourceRecord) -> str | None:
        """The decided grade; one that people set in the registry themselves is never lowered or replaced unread."""
        noted = self.session.get(ClassifiedResource, registered.id)
        written = noted.published_grade if noted else None
        by_people = registered.grade if registered.grade != written else None
        if by_people is not None and by_people not in self.scheme.grade_ids:
            return by_people
        grade = self.scheme.highest([by_people, decide_grade(self.session, self.scheme, registered.id).grade])
        if noted is not None and by_people != grade:
            noted.published_grade = grade
        return grade

    def _fields(self, resource_id: str) -> dict[str, FieldGrade]:
        known = {
            each.name.casefold(): each
            for each in self.session.scalars(select(ResourceField).where(ResourceField.resource_id == resource_id))
        }
        judged: dict[str, list[Finding]] = {}
        for row in findings_of_resource(self.session, resource_id):
            judged.setdefault(row.field, []).append(row)
        return {
            listed.name if (listed := known.get(name.casefold())) else name: self._field(rows, listed)
            for name, rows in judged.items()
            if any(row.in_force or row.decided_ms is not None for row in rows)
        }

    def _field(self, rows: list[Finding], listed: ResourceField | None) -> FieldGrade:
        """What is in force, beside categories that came into the catalog otherwise and that nobody judged here."""
        judged = {row.category for row in rows if row.in_force or row.decided_ms is not None}
        others = [category for category in (listed.categories if listed else []) if category not in judged]
        grades = [grade_in_force(self.scheme, row) for row in rows if row.in_force]
        grades += [self.scheme.grade_of(category) for category in others]
        held = {row.category for row in rows if row.in_force} | set(others)
        return FieldGrade(self.scheme.highest(grades), tuple(sorted(held)))


def publish(session: Session, resource_id: str, by: ChangedBy) -> None:
    """Bring the registry to what is in force for a resource; nothing to do where it is not registered."""
    _Publication(session, default_scheme(), by).publish(resource_id)


def decide_grade(session: Session, scheme: Scheme, resource_id: str) -> GradeDecision:
    """The grade of a resource by what people confirmed, its subjects and its parents, with the reasons."""
    columns: dict[str, list[SeenCategory]] = {}
    for row in findings_of_resource(session, resource_id):
        if row.in_force:
            columns.setdefault(row.field, []).append(SeenCategory(row.category, grade=grade_in_force(scheme, row)))
    noted = session.get(ClassifiedResource, resource_id)
    own = grade_table(scheme, TableFacts(columns, noted.subjects if noted else None))
    return grade_resource(scheme, own, _parents(session, scheme, resource_id))


def grade_in_force(scheme: Scheme, row: Finding) -> str | None:
    """The confirmed grade of a finding in a scheme; one confirmed under another scheme is graded by its category."""
    same = row.scheme == scheme.name and row.grade_in_force is not None
    return row.grade_in_force if same else scheme.grade_of(row.category)


def _parents(session: Session, scheme: Scheme, resource_id: str) -> dict[str, str | None]:
    statement = select(ResourceRecord.name, ResourceRecord.grade).join(
        ResourceParent, ResourceParent.parent_id == ResourceRecord.id
    )
    rows = session.execute(statement.where(ResourceParent.resource_id == resource_id).order_by(ResourceRecord.id))
    return {name: grade if grade in scheme.grade_ids else None for name, grade in rows}
