"""Grants as lists and pages show them: with the parties' names, and how much of the daily cap has been used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field

from api.access import signed_in
from api.caller import Caller
from api.dependencies import ApiDependencies
from api.flow_totals import FLOW
from api.form_query import FormQuery
from api.identity.repository import display_names
from api.registry_work import APPROVE, READ, RegisterQuery, read_page
from collectors.enrichment.flows.policy import flow_policy
from events import now_ms
from registry import GrantState
from registry.entries import ConsumerEntry, RegisteredGrant
from registry.grants import GRANTS, grant_transitions
from registry.models import GrantTransition
from registry.repository.listing import get_entry
from registry.repository.names import consumers_of, resource_names, unit_names
from registry.repository.scoping import sees_unit
from store.event_store import Window
from store.query.tree import And, Or, Term

_GRANT, _DAY = "fengsui.grant.id", "fengsui.flow.day"
_DAYS_SHOWN = 14
_DAY_MS = 86_400_000
Id = Annotated[str, Field(max_length=128)]


class GrantListQuery(RegisterQuery, FormQuery):
    """Which grants: all that is set must hold."""

    state: GrantState | None = None
    resource: Id = ""

    def equal(self) -> tuple[tuple[str, str], ...]:
        """The columns with the values asked for."""
        wanted = (("state", self.state.value if self.state else ""), ("resource_id", self.resource))
        return tuple((column, value) for column, value in wanted if value)


@dataclass(frozen=True, slots=True)
class Use:
    """What was taken under a grant in a local day: flows, records, subjects added up."""

    flows: int = 0
    records: int = 0
    subjects: int = 0


@dataclass(frozen=True, slots=True)
class GrantPage:
    """Some grants with the names of what they refer to, and what was taken under each today."""

    grants: Sequence[RegisteredGrant]
    units: Mapping[str, str]
    resources: Mapping[str, str]
    consumers: Mapping[str, ConsumerEntry]
    today: Mapping[str, Use]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class GrantView:
    """One grant: also its history, its use day by day, and whether the caller may take steps with it.

    ``people`` names the accounts that requested and approved it; a grant from a file has names there already.
    """

    page: GrantPage
    transitions: Sequence[GrantTransition]
    days: Sequence[tuple[str, Use]]
    people: Mapping[str, str]
    may_decide: bool

    @property
    def grant(self) -> RegisteredGrant:
        """The grant."""
        return self.page.grants[0]


def list_grants(dependencies: ApiDependencies, query: GrantListQuery, caller: Caller) -> GrantPage:
    """One page of the grants whose provider or consumer is within the caller's units."""
    found = read_page(dependencies, GRANTS, query, caller, query.equal())
    return _page(dependencies, found.entries, found.next_cursor)


def view_grant(dependencies: ApiDependencies, grant_id: str, caller: Caller) -> GrantView:
    """One grant with all that is known around it.

    Raises:
        EntryNotFoundError: there is none that the caller may see.
    """
    principal = signed_in(caller)
    with dependencies.records.read() as session:
        grant = get_entry(session, GRANTS, principal.unit_scope(READ), grant_id)
        steps = grant_transitions(session, grant_id)
        people = display_names(session, [grant.requested_by, grant.approved_by])
        provides = sees_unit(session, principal.unit_scope(APPROVE), grant.provider_id)
    is_own = grant.requested_by == principal.user_id
    days = _days(dependencies, grant_id)
    return GrantView(_page(dependencies, [grant], None), steps, days, people, provides and not is_own)


def _page(dependencies: ApiDependencies, grants: Sequence[RegisteredGrant], cursor: str | None) -> GrantPage:
    with dependencies.records.read() as session:
        consumers = consumers_of(session, {each.consumer_id for each in grants})
        units = {each.provider_id for each in grants} | {each.unit_id for each in consumers.values()}
        names = unit_names(session, units), resource_names(session, {each.resource_id for each in grants})
    return GrantPage(grants, *names, consumers, _used_today(dependencies, grants), cursor)


def _used_today(dependencies: ApiDependencies, grants: Sequence[RegisteredGrant]) -> dict[str, Use]:
    """What was taken today under each grant; those under which nothing was are left out."""
    if not grants:
        return {}
    today = f"{datetime.now(ZoneInfo(flow_policy().zone)):%Y-%m-%d}"
    taken = And((FLOW, Term(_DAY, today), Or(tuple(Term(_GRANT, each.id) for each in grants))))
    spelled = {each.id.lower(): each.id for each in grants}  # the event store gives values back in small letters
    by_grant = {"used": {"terms": {"field": _GRANT, "size": len(grants)}, "aggs": _sums()}}
    used = _uses(dependencies.events.aggregate(taken, _recent(2), by_grant))
    return {spelled[name]: use for name, use in used.items() if name in spelled}


def _days(dependencies: ApiDependencies, grant_id: str) -> list[tuple[str, Use]]:
    """The latest local days on which something was taken, the newest first."""
    by_day = {"used": {"terms": {"field": _DAY, "size": _DAYS_SHOWN, "order": {"_key": "desc"}}, "aggs": _sums()}}
    taken = And((FLOW, Term(_GRANT, grant_id)))
    return list(_uses(dependencies.events.aggregate(taken, _recent(_DAYS_SHOWN), by_day)).items())


def _recent(days: int) -> Window:
    return Window(now_ms() - days * _DAY_MS, now_ms() + _DAY_MS)


def _uses(answer: Any) -> dict[str, Use]:  # noqa: ANN401 (an aggregation's answer)
    return {
        str(each["key"]): Use(each["doc_count"], int(each["records"]["value"]), int(each["subjects"]["value"]))
        for each in answer["used"]["buckets"]
    }


def _sums() -> dict[str, Any]:
    return {name: {"sum": {"field": f"fengsui.data.{name}"}} for name in ("records", "subjects")}
