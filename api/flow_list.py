"""Flows one by one, within the reader's units: who took what, when, which way, and under which grant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from pydantic import Field

from api.access import signed_in
from api.caller import Caller
from api.dependencies import ApiDependencies
from api.flow_totals import CONSUMER_UNIT, GRADE, PROVIDER, RESOURCE, UNREGISTERED, visible_flows
from api.form_query import FormQuery
from api.moments import TimeRange
from api.problems import ProblemError
from api.registry_work import READ
from api.signing import decode_cursor, encode_cursor
from events import Event, values_of
from registry import GrantStatus
from registry.entries import ConsumerEntry
from registry.repository.names import consumers_of, resource_names, unit_names
from store.event_store import Window
from store.query.tree import And, Exists, Not, Or, Query, Term

UNGRADED, UNCOVERED = "ungraded", "uncovered"
_STATUS = "fengsui.grant.status"
_EQUAL = {
    "resource": RESOURCE,
    "consumer": "fengsui.consumer.id",
    "account": "fengsui.consumer.account",
    "grant": "fengsui.grant.id",
}
_PAGE = 50
Text = Annotated[str, Field(max_length=128)]


class FlowListQuery(FormQuery):
    """Which flows: all that is set must hold; ``unit`` takes, ``party`` takes or provides."""

    start: Text = Field("now-7d", alias="from")
    end: Text = Field("", alias="to")
    unit: Text = ""
    party: Text = ""
    resource: Text = ""
    consumer: Text = ""
    account: Text = ""
    grade: Text = ""
    grant: Text = ""
    status: Text = ""
    cursor: Annotated[str, Field(max_length=1024)] | None = None

    def narrowed(self, flows: Query) -> Query:
        """The flows asked for among some."""
        wanted: list[Query] = [Term(field, value) for name, field in _EQUAL.items() if (value := getattr(self, name))]
        if self.unit:
            wanted.append(_or_missing(CONSUMER_UNIT, self.unit, UNREGISTERED))
        if self.party:
            wanted.append(Or((Term(CONSUMER_UNIT, self.party), Term(PROVIDER, self.party))))
        if self.grade:
            wanted.append(_or_missing(GRADE, self.grade, UNGRADED))
        if self.status:
            covered = Term(_STATUS, GrantStatus.VALID.value)
            wanted.append(Not(covered) if self.status == UNCOVERED else Term(_STATUS, self.status))
        return And((flows, *wanted)) if wanted else flows


@dataclass(frozen=True, slots=True)
class Flow:
    """One flow: facts that say nothing of what the data were."""

    event: Event

    def listed(self, name: str) -> list[str]:
        """The values of a fact, ``fengsui.`` left out of its name."""
        return [str(each) for each in values_of(self.event.get(f"fengsui.{name}")) if each is not None]

    def one(self, name: str) -> str:
        """A fact's first value, empty where there is none."""
        return next(iter(self.listed(name)), "")

    def count(self, name: str) -> int | None:
        """A fact that is a number; None where nobody could tell it."""
        value = next(iter(values_of(self.event.get(f"fengsui.{name}"))), None)
        return int(value) if isinstance(value, int | float) else None


@dataclass(frozen=True, slots=True)
class FlowPage:
    """A page of flows, the newest first, with the names of whom and what they refer to."""

    flows: Sequence[Flow]
    total: int
    total_is_exact: bool
    units: Mapping[str, str]
    resources: Mapping[str, str]
    consumers: Mapping[str, ConsumerEntry]
    next_cursor: str | None


def list_flows(dependencies: ApiDependencies, query: FlowListQuery, caller: Caller) -> FlowPage:
    """One page of the flows that the caller's units take or provide.

    Raises:
        ProblemError: a time can't be read, or the cursor belongs to another list.
    """
    wanted = query.narrowed(visible_flows(dependencies, signed_in(caller).unit_scope(READ)))
    purpose = f"flows:{query.model_dump_json(exclude={'cursor'})}"
    position = decode_cursor(dependencies.secret_key, purpose, query.cursor) if query.cursor else None
    window = Window(position[0], position[1]) if position else _window(dependencies, query)
    page = dependencies.events.search(
        wanted, window, limit=_PAGE, order="newest", cursor=position[2] if position else None
    )
    following = [window.start_ms, window.end_ms, page.next_cursor]
    cursor = encode_cursor(dependencies.secret_key, purpose, following) if page.next_cursor else None
    flows = [Flow(each) for each in page.events]
    with dependencies.records.read() as session:
        takers = {name for each in flows for name in each.listed("consumer.id")}
        units = {name for each in flows for part in ("consumer.unit", "data.provider") for name in each.listed(part)}
        taken = {name for each in flows for name in each.listed("data.resource")}
        names = (
            unit_names(session, units | {query.unit, query.party}),
            resource_names(session, taken | {query.resource}),
            consumers_of(session, takers | {query.consumer}),
        )
    return FlowPage(flows, page.total, page.total_is_exact, *names, cursor)


def _window(dependencies: ApiDependencies, query: FlowListQuery) -> Window:
    try:
        return TimeRange(query.start, query.end, dependencies.settings.time_zone).window()
    except ValueError as error:
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_time", str(error)) from error


def _or_missing(field: str, value: str, missing: str) -> Query:
    """Events of a value; where the value stands for events without the field, those."""
    return Or((Term(field, value), Not(Exists(field)))) if value == missing else Term(field, value)
