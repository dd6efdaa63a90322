"""Flows: the map of which unit takes how much of which resource, by grade, and the flows behind it one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from api.access import Requires, signed_in
from api.caller import Caller
from api.console.data_words import DataWords
from api.console.form_choices import entry_choices
from api.console.rendering import render
from api.console.sankey import sankey
from api.console.translation import language_of
from api.dependencies import ApiDependencies, Dependencies
from api.flow_list import FlowListQuery, list_flows
from api.flow_totals import FlowTotal, flow_totals, visible_flows
from api.form_query import FormQuery
from api.moments import TimeRange
from api.problems import ProblemError
from api.registry_work import READ
from registry import GrantStatus
from registry.repository.names import resource_names, resource_providers, unit_names

router = APIRouter(include_in_schema=False)
RANGES = ("now-24h", "now-7d", "now-30d")
Text = Annotated[str, Field(max_length=64)]


class FlowQuery(FormQuery):
    """Which time, counted by what; ``party`` takes or provides, ``grade`` and ``status`` keep some flows alone."""

    start: Text = Field("now-7d", alias="from")
    end: Text = Field("", alias="to")
    measure: Literal["records", "subjects", "flows"] = "records"
    grade: Text = ""
    party: Text = ""
    status: Literal["", "uncovered"] = ""

    def listed(self) -> FlowListQuery:
        """The flows that the map counts."""
        return FlowListQuery(start=self.start, end=self.end, party=self.party, status=self.status)


@router.get("/flows")
def show(
    request: Request,
    query: Annotated[FlowQuery, Query()],
    dependencies: Dependencies,
    caller: Annotated[Caller, Depends(Requires(READ))],
) -> Response:
    """The flows of a time, within the caller's units."""
    found = _totals(dependencies, query, caller)
    words = DataWords(language_of(request))
    names = _names(dependencies, found)
    context = {
        "active": "flows",
        "words": words,
        "query": query,
        "ranges": RANGES,
        "parties": entry_choices(dependencies, caller)["units"],
        "parameters": query.model_dump(mode="json", by_alias=True, include={"start", "end"}),
        "totals": found,
        "chart": sankey(found, query.measure, words, names),
        "total": {
            name: sum(getattr(each, name) for each in found) for name in ("flows", "records", "subjects", "uncovered")
        },
        **names,
    }
    return render(request, "flows.html", context)


@router.get("/flows/list")
def show_each(
    request: Request,
    query: Annotated[FlowListQuery, Query()],
    dependencies: Dependencies,
    caller: Annotated[Caller, Depends(Requires(READ))],
) -> Response:
    """The flows of a filter one by one, the newest first."""
    context = {
        "active": "flows",
        "words": DataWords(language_of(request)),
        "query": query,
        "ranges": RANGES,
        "statuses": [status.value for status in GrantStatus],
        "page": list_flows(dependencies, query, caller),
        "parameters": query.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"cursor"}),
    }
    return render(request, "flow_list.html", context)


def _totals(dependencies: ApiDependencies, query: FlowQuery, caller: Caller) -> list[FlowTotal]:
    """The totals asked for.

    Raises:
        ProblemError: a time can't be read.
    """
    try:
        window = TimeRange(query.start, query.end, dependencies.settings.time_zone).window()
    except ValueError as error:
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_time", str(error)) from error
    flows = query.listed().narrowed(visible_flows(dependencies, signed_in(caller).unit_scope(READ)))
    found = flow_totals(dependencies, flows, window)
    return [each for each in found if query.grade in ("", each.grade)]


def _names(dependencies: ApiDependencies, found: Sequence[FlowTotal]) -> dict[str, Mapping[str, Any]]:
    """The units, the resources and the providers of totals, by id."""
    resources = {each.resource for each in found}
    with dependencies.records.read() as session:
        providers = resource_providers(session, resources)
        units = unit_names(session, {each.consumer_unit for each in found} | set(providers.values()))
        return {"units": units, "resources": resource_names(session, resources), "providers": providers}
