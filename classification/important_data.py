"""The register of important data: resources whose confirmed grade the scheme wants registered (数据安全法 art. 21)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from classification.grading import Scheme
from classification.review import ClassifiedResource, decide_grade
from classification.review.repository import findings_of_resource
from registry.models import ResourceRecord, SystemRecord, UnitRecord
from registry.repository.scoping import within
from registry.scope import UnitScope


@dataclass(frozen=True, slots=True)
class ImportantResource:
    """One line of the register.

    Attributes:
        fields: the confirmed fields, each with its categories.
        subjects: about how many subjects it is, None where no scan has counted.
        confirmed_by: who confirmed its findings, the latest first.
        confirmed_ms: when the latest was confirmed; None where the grade came into the catalog otherwise.
        review_due_ms: when the first of them is due for another look.
        reasons_zh: why it has the grade, a line each; likewise reasons_en.
    """

    resource_id: str
    name: str
    unit: str
    system: str
    grade: str
    fields: dict[str, tuple[str, ...]]
    subjects: int | None
    sharing: str
    opening: str
    owner: str
    confirmed_by: tuple[str, ...]
    confirmed_ms: int | None
    review_due_ms: int | None
    reasons_zh: tuple[str, ...]
    reasons_en: tuple[str, ...]


def important_data(session: Session, scope: UnitScope, scheme: Scheme) -> list[ImportantResource]:
    """The register within a scope, the highest grade first, then by unit and name."""
    registered = [grade.id for grade in scheme.grades if grade.registered]
    statement = (
        select(ResourceRecord, UnitRecord.name, SystemRecord.name)
        .join(UnitRecord, UnitRecord.id == ResourceRecord.provider_id)
        .join(SystemRecord, SystemRecord.id == ResourceRecord.system_id, isouter=True)
        .where(ResourceRecord.grade.in_(registered), within(scope, ResourceRecord.provider_id))
    )
    rows = [_line(session, scheme, *row) for row in session.execute(statement)]
    return sorted(rows, key=lambda row: (-scheme.rank(row.grade), row.unit, row.name, row.resource_id))


def _line(
    session: Session, scheme: Scheme, resource: ResourceRecord, unit: str, system: str | None
) -> ImportantResource:
    confirmed = [row for row in findings_of_resource(session, resource.id) if row.in_force]
    confirmed.sort(key=lambda row: -(row.decided_ms or 0))
    fields: dict[str, tuple[str, ...]] = {}
    for row in sorted(confirmed, key=lambda row: (row.field, row.category)):
        fields[row.field] = (*fields.get(row.field, ()), row.category)
    noted = session.get(ClassifiedResource, resource.id)
    reasons = decide_grade(session, scheme, resource.id).reasons
    return ImportantResource(
        resource_id=resource.id,
        name=resource.name,
        unit=unit,
        system=system or "",
        grade=resource.grade or "",
        fields=fields,
        subjects=noted.subjects if noted else None,
        sharing=resource.sharing,
        opening=resource.opening,
        owner=resource.owner,
        confirmed_by=tuple(dict.fromkeys(row.decided_name or "" for row in confirmed)),
        confirmed_ms=confirmed[0].decided_ms if confirmed else None,
        review_due_ms=min((row.review_due_ms for row in confirmed if row.review_due_ms), default=None),
        reasons_zh=tuple(reason.zh for reason in reasons),
        reasons_en=tuple(reason.en for reason in reasons),
    )
