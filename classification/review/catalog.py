"""Suggestions from the catalog alone: what the names and comments of registered fields say, before anything is read."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.authorship import ChangedBy
from classification.columns import ColumnJudge
from classification.detectors import detector_version
from classification.review.observation import FieldFinding, ResourceScan
from classification.review.suggestions import SuggestionOutcome, suggest_unknown
from registry.models import ResourceField, ResourceRecord
from registry.repository.scoping import within
from registry.scope import UnitScope

_SCAN = "catalog"


def suggest_from_catalog(
    session: Session, scope: UnitScope, by: ChangedBy, resource_ids: Sequence[str] = ()
) -> dict[str, SuggestionOutcome]:
    """Suggest what the fields' names and comments say of registered resources (all of the scope for no ids).

    What is known already, from a scan or from people, stays as it is.

    Returns:
        What is new, by the resource's id; resources without news are left out.
    """
    statement = select(ResourceRecord).where(within(scope, ResourceRecord.provider_id)).order_by(ResourceRecord.id)
    if resource_ids:
        statement = statement.where(ResourceRecord.id.in_(resource_ids))
    outcomes = {}
    for resource in session.scalars(statement).all():
        outcome = suggest_unknown(session, _described(session, resource), by)
        if outcome.suggested:
            outcomes[resource.id] = outcome
    return outcomes


def _described(session: Session, resource: ResourceRecord) -> ResourceScan:
    statement = select(ResourceField).where(ResourceField.resource_id == resource.id).order_by(ResourceField.position)
    fields = session.scalars(statement).all()
    names = [each.name for each in fields]
    findings = []
    for each in fields:
        judge = ColumnJudge(each.name, each.label, siblings=[name for name in names if name != each.name])
        findings += [FieldFinding(each.name, found) for found in judge.findings()]
    return ResourceScan(resource.id, resource.name, _SCAN, detector_version(), names, findings, resource.provider_id)
