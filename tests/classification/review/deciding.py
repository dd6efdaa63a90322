"""Decisions on findings, and what the catalog makes of them."""

from __future__ import annotations

from collections.abc import Callable

from audit.authorship import ChangedBy
from classification.review import (
    Amendment,
    Confirmation,
    Finding,
    Rejection,
    RejectReason,
    amend,
    confirm,
    reject,
)
from registry import UnitScope
from registry.models import ResourceField, ResourceRecord
from store.records import RecordsDatabase

System = Callable[[int], ChangedBy]
ALL = UnitScope.everything()
DAY = 86_400_000
FALSE = Rejection(RejectReason.FALSE_POSITIVE)


def finding_of(records: RecordsDatabase, finding_id: str) -> Finding:
    with records.read() as session:
        return session.get_one(Finding, finding_id)


def field_of(records: RecordsDatabase, name: str, resource: str = "person") -> tuple[str | None, list[str]]:
    with records.read() as session:
        row = session.get_one(ResourceField, (resource, name))
        return row.grade, row.categories


def grade_of(records: RecordsDatabase, resource: str = "person") -> str | None:
    with records.read() as session:
        return session.get_one(ResourceRecord, resource).grade


def confirm_finding(records: RecordsDatabase, finding_id: str, by: ChangedBy) -> None:
    with records.begin() as session:
        confirm(session, ALL, finding_id, Confirmation(), by)


def reject_finding(records: RecordsDatabase, finding_id: str, by: ChangedBy, rejection: Rejection = FALSE) -> None:
    with records.begin() as session:
        reject(session, ALL, finding_id, rejection, by)


def amend_finding(records: RecordsDatabase, finding_id: str, grade: str | None, by: ChangedBy) -> None:
    with records.begin() as session:
        amend(session, ALL, finding_id, Amendment("看错了", grade), by)
