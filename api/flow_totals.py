"""How much data flowed from where to whom: counts alone, within the reader's units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from sqlalchemy import select

from api.dependencies import ApiDependencies
from classification.grading import load_scheme, scheme_names
from registry import GrantStatus, UnitScope
from registry.models import UnitRecord
from registry.repository.names import resources_spelled, units_spelled
from registry.repository.scoping import within
from store.event_store import Window
from store.query.tree import And, Exists, MatchAll, Not, Or, Query, Term

_UNITS, _RESOURCES, _GRADES = 60, 60, 12
UNREGISTERED = "unregistered"
UNGRADED = ""
_MISSING_GRADE = "ungraded"
CONSUMER_UNIT, RESOURCE, GRADE = "fengsui.consumer.unit", "fengsui.data.resource", "fengsui.data.grade"
PROVIDER = "fengsui.data.provider"
FLOW = And((Exists(RESOURCE), Exists("fengsui.grant.status")))
"""What was judged against the grants: a call that was refused names a resource too, but moved nothing."""


@dataclass(frozen=True, slots=True)
class FlowTotal:
    """The flows of one resource to one unit at one grade.

    ``subjects`` adds up the people of each flow, so who is in several flows counts in each. ``uncovered`` are flows
    that no grant covers or that can't be judged. A flow of several resources counts for each of them.
    """

    consumer_unit: str
    resource: str
    grade: str
    flows: int
    records: int
    subjects: int
    uncovered: int


def visible_flows(dependencies: ApiDependencies, scope: UnitScope) -> Query:
    """The flows that somebody may count: those that their units take or provide."""
    if scope.is_everything:
        return FLOW
    with dependencies.records.read() as session:
        units = list(session.scalars(select(UnitRecord.id).where(within(scope, UnitRecord.id))))
    fields = (CONSUMER_UNIT, PROVIDER)
    terms = tuple(Term(field, unit) for unit in units for field in fields)
    return And((FLOW, Or(terms))) if terms else Not(MatchAll())


def flow_totals(dependencies: ApiDependencies, flows: Query, window: Window) -> list[FlowTotal]:
    """The totals of flows in a window, the most records first."""
    answer = dependencies.events.aggregate(flows, window, _request())
    found = [
        _total(str(unit["key"]), str(resource["key"]), grade)
        for unit in _buckets(answer, "unit")
        for resource in _buckets(unit, "resource")
        for grade in _buckets(resource, "grade")
    ]
    return sorted(
        _spelled(dependencies, found), key=lambda each: (-each.records, -each.flows, each.consumer_unit, each.resource)
    )


def _spelled(dependencies: ApiDependencies, found: Sequence[FlowTotal]) -> list[FlowTotal]:
    """The totals with their ids as they were registered: the event store knows values in small letters alone."""
    with dependencies.records.read() as session:
        units = units_spelled(session, {each.consumer_unit for each in found})
        resources = resources_spelled(session, {each.resource for each in found})
    grades = {grade.lower(): grade for name in scheme_names() for grade in load_scheme(name).grade_ids}
    return [
        replace(
            each,
            consumer_unit=units.get(each.consumer_unit, each.consumer_unit),
            resource=resources.get(each.resource, each.resource),
            grade=grades.get(each.grade, each.grade),
        )
        for each in found
    ]


def _request() -> dict[str, Any]:
    measures = {
        "records": {"sum": {"field": "fengsui.data.records"}},
        "subjects": {"sum": {"field": "fengsui.data.subjects"}},
        "covered": {"filter": {"term": {"fengsui.grant.status": GrantStatus.VALID.value}}},
    }
    grade = {"terms": {"field": GRADE, "size": _GRADES, "missing": _MISSING_GRADE}, "aggs": measures}
    resource = {"terms": {"field": RESOURCE, "size": _RESOURCES}, "aggs": {"grade": grade}}
    unit = {"terms": {"field": CONSUMER_UNIT, "size": _UNITS, "missing": UNREGISTERED}, "aggs": {"resource": resource}}
    return {"unit": unit}


def _total(unit: str, resource: str, bucket: Mapping[str, object]) -> FlowTotal:
    flows, grade = int(cast("int", bucket["doc_count"])), str(bucket["key"])
    covered = cast("Mapping[str, int]", bucket["covered"])["doc_count"]
    return FlowTotal(
        unit,
        resource,
        UNGRADED if grade == _MISSING_GRADE else grade,
        flows,
        _value(bucket, "records"),
        _value(bucket, "subjects"),
        flows - covered,
    )


def _buckets(answer: Mapping[str, object], name: str) -> Sequence[Mapping[str, object]]:
    return cast("Mapping[str, Sequence[Mapping[str, object]]]", answer[name])["buckets"]


def _value(answer: Mapping[str, object], name: str) -> int:
    value = cast("Mapping[str, float | None]", answer[name])["value"]
    return int(value or 0)
