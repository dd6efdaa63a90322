"""What the console shows of assessments: systems with their last score, one assessment as a grid, one item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy.orm import Session

from api.access import signed_in
from api.caller import Caller
from api.dependencies import ApiDependencies
from compliance import (
    AssessedItem,
    Assessment,
    AssessmentNotFoundError,
    AssessmentSummary,
    Attestation,
    CheckResult,
    Gap,
    ItemRecord,
    Judgment,
    Report,
    WorkState,
    check_results,
    gaps_of,
    get_assessment,
    item_history,
    latest_assessments,
    list_assessments,
    list_attestations,
    list_reports,
    notices_of,
    summarize,
)
from incidents import Notice
from policies.compliance.language import Words
from registry import UnitScope
from registry.entries import SystemEntry
from registry.registers import SYSTEMS
from registry.repository.listing import Paging, Search, get_entry, list_entries
from registry.repository.names import unit_names

READ, ASSESS, ATTEST, REPORT, ISSUE = (
    "compliance:read",
    "compliance:assess",
    "compliance:attest",
    "compliance:report",
    "notices:issue",
)
_SYSTEMS = 500


@dataclass(frozen=True, slots=True)
class AssessedSystems:
    """Systems, the last finished assessment of each by its id, and their operators' names."""

    systems: Sequence[SystemEntry]
    latest: Mapping[str, Assessment]
    units: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SystemAssessments:
    """A system with its assessments and what people attested of it."""

    system: SystemEntry
    assessments: Sequence[Assessment]
    attestations: Sequence[Attestation]


@dataclass(frozen=True, slots=True)
class GridRow:
    """A control point with its items."""

    control_point: Words
    items: Sequence[AssessedItem]


@dataclass(frozen=True, slots=True)
class GridLayer:
    """A layer with its control points."""

    name: Words
    rows: Sequence[GridRow]


@dataclass(frozen=True, slots=True)
class AssessmentView:
    """An assessment; ``summary`` is None, and all that follows from it empty, until it is done."""

    system: SystemEntry
    assessment: Assessment
    summary: AssessmentSummary | None
    counts: Mapping[Judgment, int]
    grid: Sequence[GridLayer]
    gaps: Sequence[Gap]
    notices: Mapping[str, Notice]
    reports: Sequence[Report]


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item of an assessment with what speaks for and against it, and every judgment, the first one first."""

    system: SystemEntry
    assessment: Assessment
    item: AssessedItem
    checks: Sequence[CheckResult]
    history: Sequence[ItemRecord]
    attestations: Sequence[Attestation]


def view_systems(dependencies: ApiDependencies, caller: Caller) -> AssessedSystems:
    """The systems within the caller's units."""
    scope = _scope(caller)
    with dependencies.records.read() as session:
        systems = list_entries(session, SYSTEMS, scope, Search(), Paging(_SYSTEMS))
        names = unit_names(session, {each.operator_id for each in systems})
        return AssessedSystems(systems, latest_assessments(session, scope), names)


def view_system(dependencies: ApiDependencies, system_id: str, caller: Caller) -> SystemAssessments:
    """One system.

    Raises:
        AssessmentNotFoundError: there is none within the caller's units.
    """
    scope = _scope(caller)
    with dependencies.records.read() as session:
        assessments = list_assessments(session, scope, system_id)
        system = get_entry(session, SYSTEMS, scope, system_id)
        return SystemAssessments(system, assessments, list_attestations(session, scope, system_id))


def view_assessment(dependencies: ApiDependencies, place: tuple[str, str], caller: Caller) -> AssessmentView:
    """One assessment of a system (``place``: the ids of both).

    Raises:
        AssessmentNotFoundError: there is none within the caller's units.
    """
    scope = _scope(caller)
    with dependencies.records.read() as session:
        found = get_assessment(session, scope, *place)
        system = get_entry(session, SYSTEMS, scope, place[0])
        if found.state != WorkState.DONE.value:
            return AssessmentView(system, found, None, {}, (), (), {}, ())
        summary = summarize(session, found)
        gaps, notices = gaps_of(found, summary), notices_of(session, found)
        reports = list_reports(session, found.id)
        return AssessmentView(system, found, summary, summary.counts(), _grid(summary), gaps, notices, reports)


def view_item(dependencies: ApiDependencies, place: tuple[str, str], ref: str, caller: Caller) -> ItemView:
    """One item of an assessment.

    Raises:
        AssessmentNotFoundError: there is none within the caller's units.
    """
    scope = _scope(caller)
    with dependencies.records.read() as session:
        found = get_assessment(session, scope, *place)
        item = _item(session, found, ref)
        checks = [each for each in check_results(session, found.id) if each.check_id in item.record.checks]
        attested = [each for each in list_attestations(session, scope, place[0]) if each.ref == ref]
        system = get_entry(session, SYSTEMS, scope, place[0])
        return ItemView(system, found, item, checks, item_history(session, found.id, ref), attested)


def _item(session: Session, assessment: Assessment, ref: str) -> AssessedItem:
    for each in summarize(session, assessment).items:
        if each.place.item.ref == ref:
            return each
    raise AssessmentNotFoundError(f"assessment {assessment.id} has no item {ref[:32]}; see its items")


def _grid(summary: AssessmentSummary) -> list[GridLayer]:
    """Layers and control points with their items, in the standard's order."""
    return [
        GridLayer(layer, [GridRow(point, list(items)) for point, items in groupby(inside, key=_control_point)])
        for layer, inside in groupby(summary.items, key=lambda each: each.place.domain.name)
    ]


def _control_point(each: AssessedItem) -> Words:
    return each.place.control_point.name


def _scope(caller: Caller) -> UnitScope:
    return signed_in(caller).unit_scope(READ)
